//! A fourth service for the chain: it weighs the risk of an order. docs/adding-a-service.md builds this very file.

use actix_web::web::{Data, Json};
use chassis::config::Defaults;
use chassis::env::EnvironmentError;
use chassis::server::StartError;
use chassis::{Body, Config, Deadline, Environment, Hop, Problem, Routes, Server, Service};
use contracts::chain::{ChainMessage, ChainReply};
use utoipa::OpenApi;

const DEFAULTS: Defaults =
    Defaults { name: "fraud-service", version: env!("CARGO_PKG_VERSION"), port: 5004, request_timeout_ms: 5_000 };

/// Reads the settings.
pub fn config(environment: Environment) -> Result<Config, EnvironmentError> {
    let config = Config::read(DEFAULTS, &environment);
    environment.finish(|| config)
}

/// Starts the service.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let state = Hop::new(&config)?;
    Server::start(&config, Service { routes, openapi: Document::openapi(), state, database: None }).await
}

#[derive(OpenApi)]
#[openapi(info(title = "fraud-service", description = "Weighs the risk of an order."), paths(process))]
struct Document;

fn routes(table: &mut Routes) {
    table.resource("/process").post(process);
}

/// Adds the order's risk, and sends the message on.
#[utoipa::path(post, path = "/process", request_body = ChainMessage, responses((status = 200, body = ChainReply)))]
async fn process(
    hop: Data<Hop>,
    deadline: Deadline,
    Body(mut message): Body<ChainMessage>,
) -> Result<Json<ChainReply>, Problem> {
    let risk = telemetry::in_span("weigh risk", async {
        let items = message.items.len() as i64;
        telemetry::set_attribute("risk.items", items);
        telemetry::event("risk weighed", []);
        if items > 50 { "high" } else { "low" }
    })
    .await;
    message.other.insert("risk".to_owned(), risk.into());
    let reply = hop.forward(message, &deadline).await?;
    Ok(Json(reply.with_step(hop.step(&deadline))))
}
