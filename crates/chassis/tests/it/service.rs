//! A service of the tests' own, with routes that no real one has.

use std::sync::{Arc, Mutex};

use actix_web::web::{Data, Json};
use chassis::config::Defaults;
use chassis::{Body, Config, Deadline, Problem, Query, Routes, Server, Service};
use contracts::order::ItemRequest;
use serde::Deserialize;
use testkit::{Backend, Client, Settings};
use tokio::sync::Notify;
use utoipa::OpenApi;

const DEFAULTS: Defaults = Defaults { name: "test-service", version: "1.2.3", port: 0, request_timeout_ms: 5_000 };

/// What handlers share with a test.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// Told when `/wait` has begun.
    pub begun: Arc<Notify>,
    /// What `/wait` waits for.
    pub finish: Arc<Notify>,
    /// What `/left` has seen, in milliseconds.
    pub left: Arc<Mutex<Vec<u128>>>,
}

/// The service, where its spans go, and what its handlers share.
pub struct Running {
    pub server: Server,
    pub client: Client,
    pub backend: Backend,
    pub shared: Shared,
}

#[derive(OpenApi)]
#[openapi(info(title = "test-service"))]
struct Document;

fn routes(table: &mut Routes) {
    table.resource("/panic").get(panic).post(panic_with_body);
    table.resource("/fine").get(fine);
    table.resource("/wait").get(wait);
    table.resource("/left").get(left);
    table.resource("/io").get(io);
    table.resource("/query").get(query);
}

/// Starts it.
pub async fn start() -> Running {
    let backend = Backend::start().await;
    let environment = Settings::new(&backend).with("REQUEST_TIMEOUT_MS", "5000").environment();
    let config = Config::read(DEFAULTS, &environment).expect("valid settings");
    let shared = Shared::default();
    let service = Service { routes, openapi: Document::openapi(), state: shared.clone(), database: None };
    let server = Server::start(&config, service).await.expect("it starts");
    Running { client: Client::new(server.address()), server, backend, shared }
}

async fn panic() -> Json<()> {
    telemetry::in_span("before the panic", async { panic!("the secret canary-4711") }).await
}

async fn panic_with_body(Body(item): Body<ItemRequest>) -> Json<&'static str> {
    assert!(item.quantity == 0, "sku {}", item.sku);
    Json("no schema lets a quantity of 0 in")
}

async fn fine() -> Json<&'static str> {
    Json("fine")
}

async fn wait(shared: Data<Shared>) -> Json<&'static str> {
    shared.begun.notify_one();
    shared.finish.notified().await;
    Json("waited")
}

async fn left(shared: Data<Shared>, deadline: Deadline) -> Json<()> {
    shared.left.lock().expect("no panic").push(deadline.left().as_millis());
    Json(())
}

async fn io() -> Result<Json<()>, actix_web::Error> {
    Err(std::io::Error::other("the secret canary-4711").into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    number: u8,
}

async fn query(Query(parameters): Query<Parameters>) -> Result<Json<u8>, Problem> {
    Ok(Json(parameters.number))
}
