//! Users, listed, shown and created.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use chassis::problem::{BodyRefusals, ParameterRefusals, ProblemBody, Refusals};
use chassis::{Body, Deadline, PageRequest, Path, Problem};
use contracts::page::Page;
use contracts::user::{NewUser, User};

use crate::State;

/// Lists users by id.
#[utoipa::path(get, path = "/users", tag = "users", params(
    ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "20 when left out"),
    ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
), responses(
    (status = 200, body = Page<User>),
    Refusals, ParameterRefusals,
))]
pub(crate) async fn list(
    state: Data<State>,
    deadline: Deadline,
    request: PageRequest<i64>,
) -> Result<Json<Page<User>>, Problem> {
    let users = state.users.list(&request, &deadline).await?;
    Ok(Json(request.page(users, |user| user.id)))
}

/// Creates a user.
#[utoipa::path(post, path = "/users", tag = "users", request_body = NewUser, responses(
    (status = 201, body = User, headers(("Location" = String))),
    (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "id or email address are another user's"),
    Refusals, BodyRefusals,
))]
pub(crate) async fn create(
    state: Data<State>,
    deadline: Deadline,
    Body(user): Body<NewUser>,
) -> Result<HttpResponse, Problem> {
    let user = state.users.create(&user, &deadline).await?;
    telemetry::set_attribute("user.id", user.id.to_string());
    // Relative to the request's own path: it holds at the gateway as well, where that path is another one.
    Ok(HttpResponse::Created().insert_header((LOCATION, format!("users/{}", user.id))).json(user))
}

/// Shows a user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(("id" = i64, Path)), responses(
    (status = 200, body = User),
    (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    Refusals, ParameterRefusals,
))]
pub(crate) async fn show(state: Data<State>, deadline: Deadline, Path(id): Path<i64>) -> Result<Json<User>, Problem> {
    telemetry::set_attribute("user.id", id.to_string());
    let user = state.users.find(id, &deadline).await?;
    user.map(Json).ok_or_else(|| Problem::not_found("there is no user with this id"))
}
