//! Nothing that leaves the process says who somebody is, or what they know: every byte is read, of a real process that has
//! been given a secret by every way there is.

use std::io::Read;
use std::net::SocketAddr;
use std::process::Stdio;

use actix_web::web::{Data, Json};
use chassis::config::Defaults;
use chassis::{Config, Environment, Problem, Routes, Server, Service};
use flate2::read::GzDecoder;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use reqwest::Method;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::Value;
use sqlx::postgres::PgPoolOptions;
use telemetry::KeyValue;
use telemetry::database::{Pool, Statement};
use testkit::stub::Behaviour;
use testkit::{Answer, Client, Database, Stub};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use utoipa::OpenApi;

const DEFAULTS: Defaults = Defaults { name: "test-service", version: "1.2.3", port: 0, request_timeout_ms: 60_000 };
/// Set for a process that is only here to be looked at: the next service's URL, and the database's.
const NEXT: &str = "PRIVACY_TEST_NEXT";
const DATABASE: &str = "PRIVACY_TEST_DATABASE";

const NAME: &str = "Canary Nightingale";
const EMAIL: &str = "canary-email@example.com";
/// A secret that a handler gives away under a key that says so.
const KEY: &str = "canary-key";
/// What is never to be seen, whatever the settings are.
const SECRETS: [&str; 9] = [
    "canary-token",
    "canary-password",
    "canary-query",
    "canary-panic",
    "canary-value",
    "canary-state",
    "canary-baggage",
    "canary-cookie",
    "canary-body",
];

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
    state.client.get("http://127.0.0.1:1/path?token=canary-query").send().await.map_err(Problem::internal)?;
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

/// Does nothing but in [`said_by`], where it is the service.
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

/// Everything that left the process.
struct Said {
    /// What was exported, uncompressed, by the path it was sent to.
    exported: Vec<(String, String)>,
    metrics: String,
    stderr: String,
    /// Headers of the request to the next service.
    headers: String,
}

impl Said {
    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let exported = self.exported.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        exported.chain([("/metrics", &*self.metrics), ("stderr", &*self.stderr), ("headers", &*self.headers)])
    }

    fn exported(&self, path: &str) -> String {
        self.exported.iter().filter(|(to, _)| to == path).map(|(_, text)| text.as_str()).collect()
    }
}

async fn said_by(pii: &str, compression: &str) -> Said {
    let receiver = Stub::start(Behaviour::Answer(200, "application/x-protobuf", String::new())).await;
    let next = Stub::start(Behaviour::Answer(200, "text/plain", String::new())).await;
    let database = Database::new().await;
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "privacy::a_process_of_its_own", "--nocapture"]).env_clear();
    command.env(NEXT, next.url()).env(DATABASE, database.url("user_service"));
    command.env("LISTEN", "127.0.0.1:0").env("RUST_LOG", "debug").env("TELEMETRY_PII", pii);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url()).env("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
    let mut process = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("it runs");
    let mut log = BufReader::new(process.stderr.take().expect("a pipe")).lines();
    let (mut stderr, mut address) = (String::new(), None);
    while address.is_none() {
        let line = log.next_line().await.expect("a readable log").expect("it starts");
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        address = said["address"].as_str().map(|address| address.parse::<SocketAddr>().expect("an address"));
        stderr.push_str(&line);
    }
    let metrics = tell_secrets(&Client::new(address.expect("an address"))).await;
    terminate(&process).await;
    while let Some(line) = log.next_line().await.expect("a readable log") {
        stderr.push_str(&line);
        stderr.push('\n');
    }
    assert!(process.wait().await.expect("it ends").success(), "{stderr}");
    let exported = receiver.received().into_iter().map(|request| {
        let gzip = request.header("content-encoding") == Some("gzip");
        assert_eq!(gzip, compression == "gzip");
        let mut bytes = Vec::new();
        let read = if gzip {
            GzDecoder::new(&*request.bytes).read_to_end(&mut bytes)
        } else {
            (&*request.bytes).read_to_end(&mut bytes)
        };
        read.expect("a body");
        (request.path, String::from_utf8_lossy(&bytes).into_owned())
    });
    // The password in the URL is for the next service, in the one header that is for such.
    let mut called = next.received().remove(0).headers;
    called.retain(|(name, _)| name != "authorization");
    Said { exported: exported.collect(), metrics, stderr, headers: format!("{called:?}") }
}

/// Asks for every route with secrets wherever a request can have one, and gives back `/metrics`.
async fn tell_secrets(client: &Client) -> String {
    for path in ["/person", "/call", "/value", "/panic", "/nowhere"] {
        let request = client
            .request(Method::GET, &format!("{path}?secret=canary-query&email={EMAIL}"))
            .header("authorization", "Bearer canary-token")
            .header("cookie", "session=canary-cookie")
            // Without a traceparent there is nothing that a tracestate could belong to.
            .header("tracestate", "vendor=canary-state")
            .header("baggage", format!("user.email={EMAIL},secret=canary-baggage"));
        Answer::of(request).await;
    }
    let body = serde_json::json!({"name": NAME, "email": EMAIL, "password": "canary-body"});
    client.post("/person", &body).await;
    client.get("/metrics").await.text
}

async fn terminate(process: &Child) {
    let pid = process.id().expect("it runs").to_string();
    let kill = Command::new("/bin/sh").args(["-c", "kill -TERM \"$0\"", &pid]).status().await.expect("a shell");
    assert!(kill.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_that_leaves_the_process_has_a_secret_or_says_who_somebody_is() {
    for compression in ["none", "gzip"] {
        let said = said_by("off", compression).await;
        for (path, wanted) in [("/v1/traces", "GET /person"), ("/v1/metrics", "http.server.request.duration")] {
            assert!(said.exported(path).contains(wanted), "{wanted} was not exported to {path}");
        }
        assert!(said.exported("/v1/traces").contains("person seen"), "{}", said.exported("/v1/traces"));
        let logs = said.exported("/v1/logs");
        assert!(logs.contains("person logged") && said.stderr.contains("person logged"), "{logs}");
        assert!(logs.contains("a thread panicked") && logs.contains("SQLSTATE 22P02"), "{logs}");
        assert!(said.stderr.contains("a thread panicked") && said.metrics.contains("/person"), "{}", said.stderr);
        assert!(said.headers.contains("traceparent"), "{}", said.headers);
        for (place, text) in said.all() {
            for secret in SECRETS.into_iter().chain([NAME, EMAIL, "Nightingale", "user.email", "anary"]) {
                assert!(!text.contains(secret), "{secret} is in {place} ({compression}): {text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_private_key_is_recorded_for_who_asks_for_it_and_no_other_secret_is() {
    let said = said_by("plain", "none").await;
    let traces = said.exported("/v1/traces");
    assert!([NAME, EMAIL, KEY].into_iter().all(|private| traces.contains(private)), "{traces}");
    for text in [&said.exported("/v1/logs"), &said.stderr] {
        assert!(text.contains(EMAIL) && text.contains(KEY), "{text}");
    }
    for (place, text) in said.all() {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {place}: {text}");
        }
        assert!(place == "/v1/traces" || !text.contains(NAME), "{NAME} is in {place}: {text}");
    }
}
