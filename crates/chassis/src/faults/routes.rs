//! What the private port answers: which faults are on, and requests for others.
//!
//! It takes JSON only, which a page of another origin in a browser on the same machine cannot send there without asking
//! first, and nobody answers that question. Who can reach the port can break the service all the same: it is private.

use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Json, ServiceConfig};
use contracts::fault::{Fault, FaultList, FaultRequest, Kind};

use super::active::Active;
use super::board::Board;
use crate::answers;
use crate::body::Body;
use crate::config::Identity;
use crate::problem::{FieldError, Problem};

pub(super) fn register(app: &mut ServiceConfig) {
    let all = web::resource("/faults").get(list).post(set).delete(clear_all);
    let one = web::resource("/faults/{kind}").delete(clear);
    app.service(all.wrap(from_fn(answers::as_problems)))
        .service(one.wrap(from_fn(answers::as_problems)))
        .default_service(web::to(actix_web::HttpResponse::NotFound).wrap(from_fn(answers::as_problems)));
}

/// What is on.
async fn list(board: Data<Board>, identity: Data<Identity>) -> Json<FaultList> {
    told(&identity, &board.active())
}

/// Switches faults on, all or none; answers with what is on then.
async fn set(
    board: Data<Board>,
    identity: Data<Identity>,
    Body(request): Body<FaultRequest>,
) -> Result<Json<FaultList>, Problem> {
    let parsed = request.faults.iter().enumerate().map(|(at, text)| {
        let fault = text.parse().and_then(|fault| board.objection(fault).map_or(Ok(fault), Err));
        fault.map_err(|reason: String| FieldError::new(format!("/faults/{at}"), reason))
    });
    let (mut faults, mut errors) = (Vec::<Fault>::new(), Vec::new());
    for fault in parsed {
        match fault {
            Ok(fault) => faults.push(fault),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if request.only_check {
        faults.clear();
    }
    for fault in faults {
        board.set(fault, Duration::from_millis(request.for_ms)).await;
    }
    Ok(told(&identity, &board.active()))
}

/// Ends all of them; answers with what was on.
async fn clear_all(board: Data<Board>, identity: Data<Identity>) -> Json<FaultList> {
    told(&identity, &board.clear(None).await)
}

/// Ends those of a kind; answers with what was on.
async fn clear(
    board: Data<Board>,
    identity: Data<Identity>,
    kind: web::Path<String>,
) -> Result<Json<FaultList>, Problem> {
    let kind: Kind = kind.parse().map_err(Problem::not_found)?;
    Ok(told(&identity, &board.clear(Some(kind)).await))
}

fn told(identity: &Identity, faults: &[Arc<Active>]) -> Json<FaultList> {
    let faults = faults.iter().map(|active| active.status()).collect();
    Json(FaultList { service: identity.name.clone(), faults })
}
