//! The process that is listened to: a service that is told secrets, and gives some away itself.

use actix_web::web::{Data, Json};
use chassis::config::Defaults;
use chassis::{Config, Environment, Problem, Routes, Server, Service};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use sqlx::postgres::PgPoolOptions;
use telemetry::KeyValue;
use telemetry::database::{Pool, Statement};
use utoipa::OpenApi;

use super::{EMAIL, KEY, NAME};

const DEFAULTS: Defaults = Defaults { name: "test-service", version: "1.2.3", port: 0, request_timeout_ms: 60_000 };
/// Set for a process that is only here to be looked at: the next service's URL, and the database's.
pub const NEXT: &str = "PRIVACY_TEST_NEXT";
pub const DATABASE: &str = "PRIVACY_TEST_DATABASE";
/// What makes the process of this program's the service.
pub const TEST: &str = "privacy::service::a_process_of_its_own";

static VALUE: Statement = telemetry::statement!("SELECT", "nothing", "SELECT $1::text::int");

struct State {
    pool: Pool,
    client: ClientWithMiddleware,
    next: String,
}

#[derive(OpenApi)]
#[openapi(info(title = "test-service"))]
struct Document;

fn routes(table: &mut Routes) {
    table.resource("/person").get(person).post(person);
    table.resource("/call").get(call);
    table.resource("/value").get(value);
    table.resource("/panic").get(panic);
}

async fn person() -> Json<()> {
    telemetry::set_personal_attribute("user.name", NAME);
    telemetry::set_personal_attribute("user.email", EMAIL);
    telemetry::set_attribute("user.email", EMAIL);
    telemetry::set_attribute("payment.api_key", KEY);
    telemetry::event("person seen", [KeyValue::new("enduser.id", NAME), KeyValue::new("session_token", KEY)]);
    Context::current().span().add_link(SpanContext::NONE, vec![KeyValue::new("user.name", NAME)]);
    tracing::info!(customer.email = EMAIL, password = ?KEY, "person logged");
    Json(())
}

async fn call(state: Data<State>) -> Result<Json<()>, Problem> {
    let url = state.next.replace("http://", "http://me:canary-password@") + "/path?token=canary-query";
    state.client.get(url).send().await.map_err(Problem::internal)?;
    // Nobody listens there: what the client says of it names the whole URL.
    let url = "http://127.0.0.1:1/path?token=canary-query&sig=canary-query&page=7";
    state.client.get(url).send().await.map_err(Problem::internal)?;
    Ok(Json(()))
}

async fn value(state: Data<State>) -> Result<Json<()>, Problem> {
    VALUE.bind("canary-value").execute(&state.pool).await.map_err(Problem::internal)?;
    Ok(Json(()))
}

async fn panic() -> Json<()> {
    panic!("canary-panic {NAME}")
}

async fn start(config: Config) -> Result<Server, chassis::server::StartError> {
    let variable = |name| std::env::var(name).expect("set by the test");
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy(&variable(DATABASE)).expect("a URL");
    let client = ClientBuilder::new(reqwest::Client::new()).with(telemetry::http_client::Tracing).build();
    let state = State { pool: Pool::new(pool, "user"), client, next: variable(NEXT) };
    Server::start(&config, Service { routes, openapi: Document::openapi(), state, database: None }).await
}

/// Does nothing but where a test makes it the service.
#[test]
fn a_process_of_its_own() {
    if std::env::var_os(NEXT).is_some() {
        chassis::serve(read(Environment::of_process()).expect("valid settings"), start);
    }
}

fn read(environment: Environment) -> Result<Config, chassis::env::EnvironmentError> {
    let config = Config::read(DEFAULTS, &environment);
    environment.finish(|| config)
}
