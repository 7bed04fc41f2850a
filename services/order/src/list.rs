//! Orders, listed and shown.

use actix_web::web::{Data, Json};
use chassis::problem::{ParameterRefusals, ProblemBody, Refusals};
use chassis::{Deadline, PageRequest, Path, Problem};
use contracts::order::Order;
use contracts::page::Page;
use uuid::Uuid;

use crate::State;
use crate::orders::Position;

/// Lists orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "orders", params(
    ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 when left out"),
    ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
), responses(
    (status = 200, body = Page<Order>),
    Refusals, ParameterRefusals,
))]
pub(crate) async fn list(
    state: Data<State>,
    deadline: Deadline,
    request: PageRequest<Position>,
) -> Result<Json<Page<Order>>, Problem> {
    let orders = state.orders.list(&request, &deadline).await?;
    Ok(Json(request.page(orders, Position::of)))
}

/// Shows an order.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Order),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    Refusals, ParameterRefusals,
))]
pub(crate) async fn show(state: Data<State>, deadline: Deadline, Path(id): Path<Uuid>) -> Result<Json<Order>, Problem> {
    telemetry::set_attribute("order.id", id.to_string());
    let order = state.orders.find(id, &deadline).await?;
    order.map(Json).ok_or_else(|| Problem::not_found("there is no order with this id"))
}
