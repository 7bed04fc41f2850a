//! The end of the chain.

use actix_web::web::{Data, Json};
use chassis::problem::{BodyRefusals, ChainRefusals, Kind, Refusals};
use chassis::{Body, Deadline, Problem};
use contracts::chain::{ChainMessage, ChainReply};

use crate::State;

/// Writes the record, and answers with what the whole chain did.
#[utoipa::path(post, path = "/process", tag = "chain", request_body = ChainMessage, responses(
    (status = 200, body = ChainReply),
    Refusals, BodyRefusals, ChainRefusals,
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
    let mut reply = state.hop.forward(message, &deadline).await.map_err(after_writing)?;
    reply.audit = Some(entry);
    Ok(Json(reply.with_step(state.hop.step(&deadline))))
}

/// Any refusal but "cannot be told" says that nothing was done, and the record is written.
fn after_writing(problem: Problem) -> Problem {
    if matches!(problem.kind().status().as_u16(), 502 | 504) {
        return problem;
    }
    Problem::new(Kind::OutcomeUnknown, "the record is written; the next service has done nothing").because(problem)
}
