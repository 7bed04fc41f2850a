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
    tell(&faults);
    for active in faults {
        apply(active.fault, &board, &deadline).await?;
    }
    // The time that a fault took is gone for the handler.
    request.extensions_mut().insert(deadline);
    next.call(request).await
}

/// Says on the request's span what it has met.
fn tell(faults: &[impl AsRef<Active>]) {
    let kinds: Vec<_> = faults.iter().map(|active| active.as_ref().fault.kind().name()).collect();
    telemetry::set_attribute(KIND, kinds.join(","));
    for active in faults {
        let fault = active.as_ref().fault;
        let attributes = [KeyValue::new(KIND, fault.kind().name()), KeyValue::new(VALUE, fault.value())];
        telemetry::event("fault injected", attributes);
    }
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
