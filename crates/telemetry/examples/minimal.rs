//! A traced service in twenty lines.
//!
//! ```console
//! $ OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run -p telemetry --example minimal
//! $ curl -i http://127.0.0.1:8089/hello/world
//! ```
//!
//! The answer's `X-Trace-Id` names the trace; `/metrics` has what was measured. `OTEL_TRACES_EXPORTER=console` shows the
//! spans here instead of sending them.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Path, get, resource};
use actix_web::{App, HttpServer, Responder, main};
use telemetry::http_server::Traced;
use telemetry::metrics::Metrics;
use telemetry::{Config, Telemetry};

async fn hello(name: Path<String>) -> String {
    telemetry::set_attribute("name.length", name.len() as i64);
    telemetry::in_span("greet", async { format!("hello, {name}\n") }).await
}

async fn metrics(telemetry: Data<Telemetry>) -> impl Responder {
    let text = telemetry.metrics().to_text("minimal", "1.0.0");
    text.customize().insert_header((CONTENT_TYPE, Metrics::CONTENT_TYPE))
}

#[main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::start(&Config::from_env("minimal", "1.0.0")?)?;
    let handle = telemetry.clone();
    HttpServer::new(move || {
        App::new()
            .app_data(handle.clone())
            .app_data(Data::new(handle.clone()))
            .service(resource("/hello/{name}").route(get().to(hello)).wrap(Traced::route("/hello/{name}")))
            .route("/metrics", get().to(metrics))
    })
    .bind(("127.0.0.1", 8089))?
    .run()
    .await?;
    Ok(telemetry.shutdown()?)
}
