//! An actix-web app of the tests' own, without anything of this project but the middlewares.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::middleware::Condition;
use actix_web::web::{Data, Path, ServiceConfig, resource, to};
use actix_web::{App, HttpResponse, HttpServer, ResponseError};
use otlp::tree::{Node, TraceTree};
use reqwest::Method;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use telemetry::http_server::{ErrorType, Traced};
use telemetry::{Config, Telemetry};
use testkit::client::TRACE;
use testkit::openmetrics::Exposition;
use testkit::{Backend, raw};
use tokio::sync::Notify;

/// The app, and where its spans go.
pub struct Web {
    pub address: SocketAddr,
    pub shared: Shared,
    pub telemetry: Telemetry,
    backend: Backend,
}

/// What its handlers share with a test.
#[derive(Clone, Debug)]
pub struct Shared {
    /// What `/call` calls, and how.
    pub target: String,
    pub method: Method,
    pub client: ClientWithMiddleware,
    /// Told when `/wait` has begun, and what it waits for.
    pub begun: Arc<Notify>,
    pub finish: Arc<Notify>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            target: String::new(),
            method: Method::GET,
            client: traced(reqwest::Client::builder()),
            begun: Arc::default(),
            finish: Arc::default(),
        }
    }
}

/// A client with the middleware and nothing else.
pub fn traced(client: reqwest::ClientBuilder) -> ClientWithMiddleware {
    let client = client.no_proxy().build().expect("a client");
    ClientBuilder::new(client).with(telemetry::http_client::Tracing).build()
}

#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the secret canary")
    }
}

impl ResponseError for Refused {}

impl Web {
    /// Starts it with the settings' defaults.
    pub async fn start() -> Self {
        Self::with(&[], Shared::default()).await
    }

    /// Starts it on a free port of `127.0.0.1`.
    pub async fn with(variables: &[(&str, &str)], shared: Shared) -> Self {
        Self::on("127.0.0.1:0", variables, shared, false).await
    }

    /// Starts it; `whole_app` wraps the app once instead of each resource.
    pub async fn on(listen: &str, variables: &[(&str, &str)], shared: Shared, whole_app: bool) -> Self {
        let backend = Backend::start().await;
        let endpoint = backend.endpoint();
        let lookup = |name: &str| match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.clone()),
            // The backend keeps traces only.
            "OTEL_METRICS_EXPORTER" | "OTEL_LOGS_EXPORTER" => Some("none".to_owned()),
            "OTEL_BSP_SCHEDULE_DELAY" => Some("20".to_owned()),
            _ => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        };
        let telemetry = Telemetry::start(&Config::from_lookup("web", "1", &lookup).expect("valid")).expect("it starts");
        let server = HttpServer::new({
            let (telemetry, shared) = (telemetry.clone(), shared.clone());
            move || {
                App::new()
                    .app_data(telemetry.clone())
                    .app_data(Data::new(shared.clone()))
                    .configure(|app| routes(app, !whole_app))
                    .wrap(Condition::new(whole_app, Traced::whole_app()))
            }
        });
        let server = server.workers(1).disable_signals().bind(listen).expect("a free port");
        let address = server.addrs()[0];
        tokio::spawn(server.run());
        Self { address, shared, telemetry, backend }
    }

    /// Sends a request with these lines after its first, inside of [`TRACE`], and gives back its trace.
    pub async fn ask(&self, line: &str, headers: &str) -> TraceTree {
        raw::exchange(self.address, &self.request(line, headers)).await;
        self.traced(|tree| !tree.nodes.is_empty()).await
    }

    /// A request inside of [`TRACE`].
    pub fn request(&self, line: &str, headers: &str) -> Vec<u8> {
        format!("{line}\r\ntraceparent: 00-{TRACE}-b7ad6b7169203331-01\r\n{headers}\r\n").into_bytes()
    }

    /// The trace [`TRACE`], when it is as far as this.
    pub async fn traced(&self, done: impl FnMut(&TraceTree) -> bool) -> TraceTree {
        self.traced_as(TRACE, done).await
    }

    /// The same for a trace of this id.
    pub async fn traced_as(&self, trace: &str, done: impl FnMut(&TraceTree) -> bool) -> TraceTree {
        let telemetry = self.telemetry.clone();
        tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic").expect("spans leave");
        self.backend.trace(trace, done).await
    }

    /// What has been counted.
    pub fn metrics(&self) -> Exposition {
        Exposition::parse(&self.telemetry.metrics().to_text("web", "1"))
    }
}

/// A route for each thing that a handler can do.
fn routes(app: &mut ServiceConfig, traced: bool) {
    let wrapped = |route| Condition::new(traced, Traced::route(route));
    let inner_work = resource("/inner").wrap_fn(|request, service| {
        let seen = telemetry::trace_id().unwrap_or_default();
        let answer = service.call(request);
        async move {
            let mut answer = answer.await?;
            let seen = HeaderValue::from_str(&seen).expect("a header");
            answer.headers_mut().insert(HeaderName::from_static("x-seen"), seen);
            Ok(answer)
        }
    });
    let refused = resource("/refused")
        .wrap_fn(|_, _| async { Err::<ServiceResponse<BoxBody>, actix_web::Error>(Refused.into()) });
    app.service(resource("/").wrap(wrapped("/")).to(HttpResponse::Ok))
        .service(resource("/users/{id}").wrap(wrapped("/users/{id}")).to(user))
        .service(resource("/status/{status}").wrap(wrapped("/status/{status}")).to(status))
        .service(resource("/panic").wrap(wrapped("/panic")).to(panic))
        .service(resource("/wait").wrap(wrapped("/wait")).to(wait))
        .service(resource("/call").wrap(wrapped("/call")).to(call))
        .service(resource("/give-up").wrap(wrapped("/give-up")).to(give_up))
        .service(resource("/moved").wrap(wrapped("/moved")).to(moved))
        .service(inner_work.to(HttpResponse::Ok).wrap(wrapped("/inner")))
        .service(refused.wrap(wrapped("/refused")))
        .default_service(to(HttpResponse::NotFound).wrap(Condition::new(traced, Traced::unmatched())));
}

/// The SERVER span of a trace.
pub fn server(tree: &TraceTree) -> &Node {
    tree.nodes.iter().find(|node| node.kind == otlp::SpanKind::Server).expect("a SERVER span")
}

/// An attribute as text.
pub fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.attribute(key).and_then(otlp::tree::Value::as_str)
}

/// An attribute as a number; text that looks like one is none.
pub fn int(node: &Node, key: &str) -> Option<i64> {
    node.attribute(key).and_then(otlp::tree::Value::as_int)
}

async fn user(_: Path<u32>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn status(status: Path<u16>) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(*status).expect("a status");
    let mut answer = HttpResponse::new(status);
    if status.as_u16() == 503 {
        answer.extensions_mut().insert(ErrorType("overloaded"));
    }
    answer
}

async fn panic() -> HttpResponse {
    panic!("the secret canary")
}

async fn wait(shared: Data<Shared>) -> HttpResponse {
    shared.begun.notify_one();
    shared.finish.notified().await;
    HttpResponse::Ok().finish()
}

async fn call(shared: Data<Shared>) -> HttpResponse {
    let answer = shared.client.request(shared.method.clone(), &shared.target).send().await;
    HttpResponse::Ok().body(answer.map_or(0, |answer| answer.status().as_u16()).to_string())
}

/// Stops waiting for an answer as soon as the request has arrived.
async fn give_up(shared: Data<Shared>) -> HttpResponse {
    let answer = shared.client.get(&shared.target).send();
    let gone = tokio::time::timeout(Duration::from_secs(60), shared.finish.notified());
    tokio::select! {
        answer = answer => panic!("nobody answers: {answer:?}"),
        gone = gone => gone.expect("the request arrives"),
    }
    HttpResponse::Ok().finish()
}

async fn moved() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "/")).finish()
}
