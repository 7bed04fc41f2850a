//! The order service's part of the chain.

use actix_web::web::{Data, Json};
use chassis::problem::{BodyRefusals, ChainRefusals, Kind, Refusals};
use chassis::{Body, Deadline, Problem};
use contracts::chain::{ChainMessage, ChainReply};
use contracts::order::{OrderState, OrderSummary};

use crate::{State, pricing};
use uuid::Uuid;

/// Prices the items, records the order, and sends the message on.
#[utoipa::path(post, path = "/process", tag = "chain", request_body = ChainMessage, responses(
    (status = 200, body = ChainReply),
    Refusals, BodyRefusals, ChainRefusals,
))]
pub(crate) async fn process(
    state: Data<State>,
    deadline: Deadline,
    Body(mut message): Body<ChainMessage>,
) -> Result<Json<ChainReply>, Problem> {
    let order = telemetry::in_span("price order", price(&state, &message, &deadline)).await?;
    describe(&order, message.user.id);
    let id = order.id;
    if let Err(problem) = state.orders.record(&order, message.user.id, &message.action, &deadline).await {
        // The row may be there all the same, and nothing will come of it.
        if problem.kind() == Kind::OutcomeUnknown {
            left_pending(id, state.orders.settle(id, OrderState::Cancelled).await);
        }
        return Err(problem);
    }
    message.order = Some(order);
    let reply = state.hop.forward(message, &deadline).await;
    let ended = ended_as(&reply);
    telemetry::set_attribute("order.state", ended.1);
    // A note that cannot be made leaves the order pending, and the caller has to learn that its end is not on record.
    let settled = state.orders.settle(id, ended.0).await;
    let reply = match reply {
        Ok(reply) => reply,
        Err(problem) => {
            left_pending(id, settled);
            return Err(problem);
        }
    };
    settled.map_err(|problem| {
        Problem::new(Kind::OutcomeUnknown, "the order went through, and could not be noted as completed")
            .because(problem)
    })?;
    Ok(Json(reply.with_step(state.hop.step(&deadline))))
}

/// The caller learns of the other failure; that the order's end is not on record is for the log.
fn left_pending(id: Uuid, settled: Result<(), Problem>) {
    if let Err(problem) = settled {
        tracing::warn!(order_id = %id, error = %problem, "the order is left pending");
    }
}

async fn price(state: &State, message: &ChainMessage, deadline: &Deadline) -> Result<OrderSummary, Problem> {
    let items = pricing::wanted(&message.items);
    let products = state.catalogue.find(items.iter().map(|item| item.sku.clone()).collect(), deadline).await?;
    pricing::price(&items, &products)
}

fn describe(order: &OrderSummary, user_id: i64) {
    telemetry::set_attribute("user.id", user_id.to_string());
    telemetry::set_attribute("order.id", order.id.to_string());
    telemetry::set_attribute("order.total", pricing::in_float(order.total));
    telemetry::set_attribute("order.currency", order.currency.clone());
    telemetry::set_attribute("order.item_count", order.items.len() as i64);
}

/// What the rest of the chain's answer says of the order. 502 and 504 say nothing of what was done; any other refusal says
/// that nothing was.
fn ended_as(reply: &Result<ChainReply, Problem>) -> (OrderState, &'static str) {
    match reply.as_ref().map_err(|problem| problem.kind().status().as_u16()) {
        Ok(_) => (OrderState::Completed, "completed"),
        Err(502 | 504) => (OrderState::Unknown, "unknown"),
        Err(_) => (OrderState::Cancelled, "cancelled"),
    }
}
