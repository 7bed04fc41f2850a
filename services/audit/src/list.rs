//! Records, listed.

use actix_web::web::{Data, Json};
use chassis::problem::{ParameterRefusals, Refusals};
use chassis::{Deadline, PageRequest, Problem};
use contracts::audit::AuditRecord;
use contracts::page::Page;

use crate::State;
use crate::records::Position;

/// Lists records, newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(
    ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 when left out"),
    ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
), responses(
    (status = 200, body = Page<AuditRecord>),
    Refusals, ParameterRefusals,
))]
pub(crate) async fn list(
    state: Data<State>,
    deadline: Deadline,
    request: PageRequest<Position>,
) -> Result<Json<Page<AuditRecord>>, Problem> {
    let records = state.records.list(&request, &deadline).await?;
    Ok(Json(request.page(records, Position::of)))
}
