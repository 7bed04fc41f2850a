//! The middleware around handlers: what a fault does to a request.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use contracts::fault::Fault;
use telemetry::KeyValue;

use super::active::Active;
use super::board::Board;
use super::slow_query;
use crate::deadline::Deadline;
use crate::problem::{Kind, Problem};

/// Which faults a request has met: their kinds.
const KIND: &str = "tracechain.fault.kind";
/// How much of it a request has met.
const VALUE: &str = "tracechain.fault.value";

/// For [`actix_web::middleware::from_fn`], closest to the handler: what answers for a handler answers for a fault, too.
pub(crate) async fn inject(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let met = request.app_data::<web::Data<Board>>().map(|board| (board.clone(), board.meet()));
    let Some((board, faults)) = met.filter(|(_, faults)| !faults.is_empty()) else {
        return next.call(request).await;
    };
    let deadline = Deadline::of(request.request());
    let mut kinds = Vec::new();
    for active in faults {
        kinds.push(active.fault.kind().name());
        tell(&active, &kinds);
        // It may be the last one: what the request does not come to is neither told nor counted.
        apply(active.fault, &board, &deadline).await?;
    }
    // The time that a fault took is gone for the handler.
    request.extensions_mut().insert(deadline);
    next.call(request).await
}

/// Counts what the request meets now, and says it on its span; `kinds` are all that it has met so far.
fn tell(active: &Active, kinds: &[&str]) {
    active.changes_one();
    telemetry::set_attribute(KIND, kinds.join(","));
    let attributes = [KeyValue::new(KIND, active.fault.kind().name()), KeyValue::new(VALUE, active.fault.value())];
    telemetry::event("fault injected", attributes);
}

async fn apply(fault: Fault, board: &Board, deadline: &Deadline) -> Result<(), Problem> {
    match fault {
        Fault::Slow(wait) => tokio::time::sleep(wait).await,
        Fault::SlowQuery(time) => {
            if let Some(database) = board.database() {
                slow_query::run(database, deadline, time).await?;
            }
        }
        // What is missing from the pool is noticed by the handler's own statements.
        Fault::PoolHeld(_) => {}
        Fault::Errors(_) => return Err(Problem::new(Kind::InjectedFault, "a fault was asked for; nothing was done")),
        // The one panic that is meant: whoever asked for it wants to see what becomes of it.
        Fault::Panic(_) => panic!("a fault was asked for"),
    }
    Ok(())
}
