//! A service of the tests' own: a route for each thing that code can do.

use actix_web::web::{Data, Json};
use chassis::config::Defaults;
use chassis::{Config, Routes, Server, Service};
use otlp::TraceTree;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use telemetry::KeyValue;
use testkit::client::TRACE;
use testkit::{Answer, Backend, Client, Settings};
use utoipa::OpenApi;

const DEFAULTS: Defaults = Defaults { name: "test-service", version: "1.2.3", port: 0, request_timeout_ms: 60_000 };

/// The service, and where its spans go.
pub struct Running {
    server: Server,
    client: Client,
    backend: Backend,
}

/// What handlers need.
pub struct State {
    client: ClientWithMiddleware,
    target: String,
}

#[derive(OpenApi)]
#[openapi(info(title = "test-service"))]
struct Document;

fn routes(table: &mut Routes) {
    table.resource("/business").get(business);
    table.resource("/call").get(call);
}

impl Running {
    /// Starts it; `/call` calls `target`.
    pub async fn start(target: &str) -> Self {
        let backend = Backend::start().await;
        let config = Config::read(DEFAULTS, &Settings::new(&backend).environment()).expect("valid settings");
        let client = ClientBuilder::new(reqwest::Client::new()).with(telemetry::http_client::Tracing).build();
        let state = State { client, target: target.to_owned() };
        let service = Service { routes, openapi: Document::openapi(), state, database: None };
        let server = Server::start(&config, service).await.expect("it starts");
        Self { client: Client::new(server.address()), server, backend }
    }

    /// Asks for a route, and gives back its trace, which has to look like this below its SERVER span.
    pub async fn trace(&self, path: &str, below: &str) -> TraceTree {
        let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
        let answer = Answer::of(self.client.request(reqwest::Method::GET, path).header("traceparent", parent)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let outline = format!("test-service server GET {path} [parent missing]\n{below}");
        self.backend.flushed(&self.server, TRACE, &outline).await
    }
}

async fn business() -> Json<()> {
    telemetry::set_attribute("text", "a");
    telemetry::set_attribute("whole", 7_i64);
    telemetry::set_attribute("double", 0.5);
    telemetry::set_attribute("yes", true);
    telemetry::in_span("outer", async {
        telemetry::event("happened", [KeyValue::new("times", 2_i64)]);
        telemetry::in_span("inner", async { telemetry::set_attribute("depth", 2_i64) }).await;
    })
    .await;
    telemetry::in_span("after", std::future::ready(())).await;
    Json(())
}

async fn call(state: Data<State>) -> Json<u16> {
    let answer = state.client.get(&state.target).send().await;
    Json(answer.map_or(0, |answer| answer.status().as_u16()))
}
