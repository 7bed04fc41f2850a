//! A service that speaks the protocol of the W3C's validation harness for Trace Context, with this crate's own middlewares
//! and nothing else between the wire and the harness.
//!
//! ```text
//! cargo run -p telemetry --example w3c_trace_context -- --port 5000
//! git clone https://github.com/w3c/trace-context && pip install aiohttp
//! cd trace-context/test && STRICT_LEVEL=2 SPEC_LEVEL=2 python test.py http://127.0.0.1:5000/test
//! ```
//!
//! `POST /test` takes `[{"url": "http://...", "arguments": ...}, ...]`, POSTs each `arguments` to its `url` one after the
//! other, and answers with the status of each, or with the reason why there was none.

use std::process::ExitCode;

use actix_web::web::{Data, Json, JsonConfig};
use actix_web::{App, HttpServer, web};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::Value;
use telemetry::http_client::Tracing;
use telemetry::http_server::Traced;
use telemetry::{Config, Telemetry};

const HELP: &str = "usage: w3c_trace_context [--port N]

A service for the W3C's validation harness (github.com/w3c/trace-context, test/test.py).

  --port N   listen on 127.0.0.1:N; 5000 unless said otherwise, 0 for any that is free
  --help     show this

Settings are read from the environment. OTEL_TRACES_EXPORTER=none sends no spans, and is no different to the harness.";
/// The port that the harness' own documentation uses.
const DEFAULT_PORT: u16 = 5_000;
/// Bytes of a request: the harness sends some hundred.
const BODY_BYTES: usize = 1 << 20;

#[actix_web::main]
async fn main() -> ExitCode {
    let port = match port(std::env::args().skip(1)) {
        Ok(port) => port,
        Err(text) => {
            println!("{text}");
            return if text == HELP { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    match serve(port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn port(mut arguments: impl Iterator<Item = String>) -> Result<u16, String> {
    match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, ..) => Ok(DEFAULT_PORT),
        (Some("--port"), Some(port), None) => port.parse().map_err(|_| format!("{port} is no port")),
        (Some("--help"), None, None) => Err(HELP.to_owned()),
        _ => Err(format!("wrong arguments\n\n{HELP}")),
    }
}

/// Serves until it is told to end, and says where it listens; also for `tests/it/propagation/harness.rs`.
pub async fn serve(port: u16) -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = Telemetry::start(&Config::from_env("w3c-trace-context", "1.0.0")?)?;
    let client = ClientBuilder::new(reqwest::Client::builder().no_proxy().build()?).with(Tracing).build();
    let handed = telemetry.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(handed.clone())
            .app_data(Data::new(client.clone()))
            .app_data(JsonConfig::default().limit(BODY_BYTES))
            .service(web::resource("/test").wrap(Traced::route("/test")).post(test))
    })
    .workers(1)
    .bind(("127.0.0.1", port))?;
    for address in server.addrs() {
        println!("listening on http://{address}/test");
    }
    server.run().await?;
    // The harness needs no spans: that nobody takes them is worth a line, and no failure.
    if let Err(error) = web::block(move || telemetry.shutdown()).await? {
        eprintln!("{error}");
    }
    Ok(())
}

async fn test(calls: Json<Vec<Value>>, client: Data<ClientWithMiddleware>) -> Json<Vec<Value>> {
    let mut answers = Vec::with_capacity(calls.len());
    for call in &*calls {
        let url = call["url"].as_str().unwrap_or_default();
        answers.push(match client.post(url).json(&call["arguments"]).send().await {
            Ok(answer) => answer.status().as_u16().into(),
            Err(error) => error.to_string().into(),
        });
    }
    Json(answers)
}
