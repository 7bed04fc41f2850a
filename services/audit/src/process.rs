//! The end of the chain.

use actix_web::web::{Data, Json};
use chassis::problem::ProblemBody;
use chassis::{Body, Deadline, Problem};
use contracts::chain::{ChainMessage, ChainReply};

use crate::State;

/// Writes the record, and answers with what the whole chain did.
#[utoipa::path(post, path = "/process", tag = "chain", request_body = ChainMessage, responses(
    (status = 200, body = ChainReply),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "the body is not JSON"),
    (status = 413, body = ProblemBody, content_type = "application/problem+json", description = "the body is too large"),
    (status = 415, body = ProblemBody, content_type = "application/problem+json", description = "the body is not application/json"),
    (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "values that cannot be"),
    (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "nothing was done"),
    (status = 504, body = ProblemBody, content_type = "application/problem+json", description = "whether it was done cannot be told"),
))]
pub(crate) async fn process(
    state: Data<State>,
    deadline: Deadline,
    Body(message): Body<ChainMessage>,
) -> Result<Json<ChainReply>, Problem> {
    telemetry::set_attribute("user.id", message.user.id.to_string());
    if let Some(order) = &message.order {
        telemetry::set_attribute("order.id", order.id.to_string());
    }
    let entry = telemetry::in_span("record entry", state.records.write(&message, &deadline)).await?;
    telemetry::set_attribute("audit.id", entry.id.to_string());
    telemetry::event("chain completed", []);
    let mut reply = state.hop.forward(message, &deadline).await?;
    reply.audit = Some(entry);
    Ok(Json(reply.with_step(state.hop.step(&deadline))))
}
