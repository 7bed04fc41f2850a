//! The beginning of the chain.

use actix_web::web::{Data, Json};
use chassis::problem::{BodyRefusals, ChainRefusals, ProblemBody, Refusals};
use chassis::{Body, Deadline, Problem};
use contracts::chain::{ChainMessage, ChainReply};
use contracts::process::{Links, ProcessRequest, ProcessResponse};

use crate::State;

/// Sends a request through the chain.
#[utoipa::path(post, path = "/process", tag = "chain", request_body = ProcessRequest, responses(
    (status = 200, body = ProcessResponse),
    (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "no such user, and no name and email to create one"),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "the email address is another user's"),
    Refusals, BodyRefusals, ChainRefusals,
))]
pub(crate) async fn process(
    state: Data<State>,
    deadline: Deadline,
    Body(request): Body<ProcessRequest>,
) -> Result<Json<ProcessResponse>, Problem> {
    let user = telemetry::in_span("resolve profile", state.users.find_or_create(&request, &deadline)).await?;
    telemetry::set_attribute("user.id", user.id.to_string());
    telemetry::set_personal_attribute("user.name", user.name.clone());
    telemetry::set_personal_attribute("user.email", user.email.clone());
    let message = ChainMessage::begin(user, request.action, request.items.unwrap_or_default());
    let reply = state.hop.forward(message, &deadline).await?;
    Ok(Json(response(reply.with_step(state.hop.step(&deadline)), &state.trace_link)))
}

/// Fails on purpose: 500, through the whole trace.
#[utoipa::path(get, path = "/error", tag = "chain", responses(Refusals))]
pub(crate) async fn error() -> Result<Json<()>, Problem> {
    telemetry::event("failing on purpose", []);
    Err(Problem::internal("GET /error fails on purpose"))
}

fn response(reply: ChainReply, trace_link: &str) -> ProcessResponse {
    let trace_id = telemetry::trace_id();
    let trace = trace_id.as_deref().map(|id| trace_link.replace("{trace_id}", id));
    ProcessResponse {
        trace_id,
        user: reply.user,
        order: reply.order,
        audit: reply.audit,
        steps: reply.steps,
        links: Links { trace },
        other: reply.other,
    }
}
