//! The chain with the usual crates: tracing-actix-web, reqwest-tracing and sqlx-tracing, bridged to OpenTelemetry, with the
//! batch processor and the OTLP exporter of the SDK. The `OTEL_*` variables are read by the SDK itself.

use actix_web::error::{ErrorBadGateway, ErrorServiceUnavailable};
use actix_web::web::{Data, Json, Path, get, resource};
use actix_web::{App, HttpServer};
use bench_chain::{Invocation, ORDER_BY_ID, Order, Role, back, front};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_tracing::TracingMiddleware;
use sqlx::Postgres;
use sqlx_tracing::{Pool, PoolBuilder};
use tracing::level_filters::LevelFilter;
use tracing_actix_web::TracingLogger;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

struct Front {
    client: ClientWithMiddleware,
    back: String,
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Invocation { role, listen, upstream } = Invocation::of_process()?;
    let provider = start_tracing()?;
    match role {
        Role::Front => {
            let client = ClientBuilder::new(front::client()?).with(TracingMiddleware::default()).build();
            let state = Data::new(Front { client, back: upstream });
            let app = move || {
                App::new()
                    .wrap(TracingLogger::default())
                    .app_data(state.clone())
                    .service(resource("/orders/{id}").route(get().to(ask_back)))
            };
            HttpServer::new(app).workers(1).bind(listen)?.run().await?;
        }
        Role::Back => {
            let pool: Data<Pool<Postgres>> = Data::new(PoolBuilder::from(back::pool(&upstream).await?).build());
            let app = move || {
                App::new()
                    .wrap(TracingLogger::default())
                    .app_data(pool.clone())
                    .service(resource("/orders/{id}").route(get().to(ask_database)))
            };
            HttpServer::new(app).workers(1).bind(listen)?.run().await?;
        }
    }
    Ok(provider.shutdown()?)
}

/// As the READMEs of these crates show it.
fn start_tracing() -> Result<SdkTracerProvider, Box<dyn std::error::Error>> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    // Its blocking HTTP client must not be made inside of a runtime, and the main function is in one.
    let exporter = std::thread::spawn(|| opentelemetry_otlp::SpanExporter::builder().with_http().build());
    let exporter = exporter.join().map_err(|_| "the exporter's thread panicked")??;
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("usual-crates"));
    tracing_subscriber::registry().with(LevelFilter::INFO).with(layer).try_init()?;
    Ok(provider)
}

async fn ask_back(id: Path<i64>, front: Data<Front>) -> actix_web::Result<Json<Order>> {
    let answer = front.client.get(format!("{}/orders/{id}", front.back)).send().await.map_err(ErrorBadGateway)?;
    Ok(Json(answer.json().await.map_err(ErrorBadGateway)?))
}

async fn ask_database(id: Path<i64>, pool: Data<Pool<Postgres>>) -> actix_web::Result<Json<Order>> {
    let order = sqlx::query_as(ORDER_BY_ID).bind(*id).fetch_one(pool.get_ref()).await;
    Ok(Json(order.map_err(ErrorServiceUnavailable)?))
}
