//! A service that does with its pool what a test wants, once for each request.

use std::pin::Pin;
use std::time::Duration;

use actix_web::web::{Data, Json};
use chassis::config::Defaults;
use chassis::{Config, Routes, Server, Service};
use otlp::TraceTree;
use otlp::tree::{Node, Value};
use sqlx::postgres::PgPoolOptions;
use telemetry::Telemetry;
use telemetry::database::{Pool, Statement};
use testkit::client::TRACE;
use testkit::openmetrics::Exposition;
use testkit::{Answer, Backend, Client, Database, Settings};
use utoipa::OpenApi;

const DEFAULTS: Defaults = Defaults { name: "test-service", version: "1.2.3", port: 0, request_timeout_ms: 60_000 };
/// How long a pool waits when a test does not say: longer than any machine is busy.
const PATIENCE: Duration = Duration::from_secs(60);

pub static NUMBERS: Statement =
    telemetry::statement!("SELECT", "numbers", "SELECT n FROM generate_series(1, $1) AS n ORDER BY n");
pub static ONE: Statement = telemetry::statement!("SELECT", "numbers", "SELECT 1 WHERE $1 = 1");
pub static BROKEN: Statement = telemetry::statement!("SELECT", "nothing", "SELECT * FROM nothing");
/// Far longer than any test waits for it.
pub static ENDLESS: Statement = telemetry::statement!("SELECT", "patience", "SELECT pg_sleep(600)");

/// What is done with the pool, in the context of a request.
type Work = Box<dyn Fn(Pool, Telemetry) -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

struct State {
    pool: Pool,
    work: Work,
}

/// The service, and where its spans go.
pub struct Working {
    server: Server,
    client: Client,
    backend: Backend,
}

#[derive(OpenApi)]
#[openapi(info(title = "test-service"))]
struct Document;

async fn work(state: Data<State>, telemetry: Data<Telemetry>) -> Json<()> {
    (state.work)(state.pool.clone(), telemetry.get_ref().clone()).await;
    Json(())
}

impl Working {
    /// Starts it with a pool of two connections to a database of its own.
    pub async fn start<F: Future<Output = ()> + 'static>(
        work: impl Fn(Pool, Telemetry) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::with(PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE), work).await
    }

    /// Starts it with a pool of these options.
    pub async fn with<F: Future<Output = ()> + 'static>(
        options: PgPoolOptions,
        work: impl Fn(Pool, Telemetry) -> F + Send + Sync + 'static,
    ) -> Self {
        let url = Database::new().await.url("user_service");
        Self::on(options.connect_lazy(&url).expect("a URL"), work).await
    }

    /// Starts it with this pool.
    pub async fn on<F: Future<Output = ()> + 'static>(
        pool: sqlx::PgPool,
        work: impl Fn(Pool, Telemetry) -> F + Send + Sync + 'static,
    ) -> Self {
        let backend = Backend::start().await;
        let settings = Settings::new(&backend);
        Self::all(backend, settings, pool, work).await
    }

    /// Starts it with this variable set.
    pub async fn set<F: Future<Output = ()> + 'static>(
        (name, value): (&str, &str),
        work: impl Fn(Pool, Telemetry) -> F + Send + Sync + 'static,
    ) -> Self {
        let backend = Backend::start().await;
        let settings = Settings::new(&backend).with(name, value);
        let url = Database::new().await.url("user_service");
        let options = PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE);
        Self::all(backend, settings, options.connect_lazy(&url).expect("a URL"), work).await
    }

    /// Starts it with this pool, and with this endpoint for its telemetry.
    pub async fn sending_to<F: Future<Output = ()> + 'static>(
        endpoint: &str,
        pool: sqlx::PgPool,
        work: impl Fn(Pool, Telemetry) -> F + Send + Sync + 'static,
    ) -> Self {
        let backend = Backend::start().await;
        let settings = Settings::new(&backend).with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        Self::all(backend, settings, pool, work).await
    }

    async fn all<F: Future<Output = ()> + 'static>(
        backend: Backend,
        settings: Settings,
        pool: sqlx::PgPool,
        work: impl Fn(Pool, Telemetry) -> F + Send + Sync + 'static,
    ) -> Self {
        let config = Config::read(DEFAULTS, &settings.environment()).expect("valid settings");
        let work: Work = Box::new(move |pool, telemetry| Box::pin(work(pool, telemetry)));
        let state = State { pool: Pool::new(pool, "user"), work };
        let routes = |table: &mut Routes| {
            table.resource("/work").get(self::work);
        };
        let service = Service { routes, openapi: Document::openapi(), state, database: None };
        let server = Server::start(&config, service).await.expect("it starts");
        Self { client: Client::new(server.address()), server, backend }
    }

    /// Has the work done once, in a trace that looks like this below the SERVER span.
    pub async fn trace(&self, below: &[&str]) -> TraceTree {
        self.request("01").await;
        let below: String = below.iter().map(|line| format!("\n  test-service client {line}")).collect();
        let outline = format!("test-service server GET /work [parent missing]{below}");
        self.backend.flushed(&self.server, TRACE, &outline).await
    }

    /// Has the work done once, with these flags of the caller's `traceparent`.
    pub async fn request(&self, flags: &str) {
        let parent = format!("00-{TRACE}-b7ad6b7169203331-{flags}");
        let request = self.client.request(reqwest::Method::GET, "/work").header("traceparent", parent);
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Waits until what has ended is sent.
    pub async fn flush(&self) {
        let telemetry = self.server.telemetry().clone();
        tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic").expect("spans leave");
    }

    /// What it has recorded.
    pub async fn metrics(&self) -> Exposition {
        Exposition::parse(&self.client.get("/metrics").await.text)
    }
}

/// The only span of this name.
pub fn span<'t>(tree: &'t TraceTree, name: &str) -> &'t Node {
    tree.find("test-service", name).unwrap_or_else(|| panic!("no {name} in\n{}", tree.outline()))
}

/// An attribute that is a text.
pub fn text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    node.attribute(name).and_then(Value::as_str)
}
