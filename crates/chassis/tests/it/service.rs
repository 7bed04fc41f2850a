//! A service of the tests' own, with routes that no real one has.

use std::sync::{Arc, Condvar, Mutex};

use actix_web::web::{self, Data, Json};
use chassis::config::Defaults;
use chassis::{Body, Config, Deadline, Problem, Query, Routes, Server, Service};
use contracts::order::ItemRequest;
use serde::Deserialize;
use testkit::{Backend, Client, Settings};
use tokio::sync::{Notify, Semaphore};
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
    /// What `/block` keeps threads waiting at.
    pub gate: Arc<Gate>,
}

/// A place where threads wait until it is opened.
#[derive(Debug)]
pub struct Gate {
    /// A permit for each request that has asked for a thread.
    pub asked: Semaphore,
    threads: Mutex<Threads>,
    opened: Condvar,
}

/// Those at the gate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads {
    /// Now.
    pub waiting: usize,
    /// At the same time, at any time.
    pub most: usize,
    open: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self { asked: Semaphore::new(0), threads: Mutex::default(), opened: Condvar::new() }
    }
}

impl Gate {
    fn pass(&self) {
        let mut threads = self.threads.lock().expect("no panic");
        threads.waiting += 1;
        threads.most = threads.most.max(threads.waiting);
        self.opened.wait_while(threads, |threads| !threads.open).expect("no panic").waiting -= 1;
    }

    /// Who is there.
    pub fn threads(&self) -> Threads {
        *self.threads.lock().expect("no panic")
    }

    /// Lets all of them go, and who comes later.
    pub fn open(&self) {
        self.threads.lock().expect("no panic").open = true;
        self.opened.notify_all();
    }
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
    table.resource("/block").get(block);
    table.resource("/left").get(left);
    table.resource("/io").get(io);
    table.resource("/query").get(query);
}

/// Starts it.
pub async fn start() -> Running {
    let backend = Backend::start().await;
    let environment = Settings::new(&backend).with("REQUEST_TIMEOUT_MS", "5000");
    // As long as a test may take: what is under way is not to be cut off.
    let environment = environment.with("SHUTDOWN_TIMEOUT_MS", "60000").environment();
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

async fn block(shared: Data<Shared>) -> Json<()> {
    let gate = Arc::clone(&shared.gate);
    gate.asked.add_permits(1);
    web::block(move || gate.pass()).await.expect("a thread");
    Json(())
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
