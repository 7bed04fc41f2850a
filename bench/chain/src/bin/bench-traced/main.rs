//! The chain with this project's telemetry around server, client and pool. What is recorded is said by the `OTEL_*`
//! variables. At its end it prints its metrics, as `/metrics` of a service has them: what became of its spans is there.

mod config;

use actix_web::error::{ErrorBadGateway, ErrorServiceUnavailable};
use actix_web::web::{Data, Json, Path, ServiceConfig, get, resource};
use bench_chain::{Invocation, ORDER_BY_ID, Order, Role, back, front, serve};
use telemetry::Telemetry;
use telemetry::database::{Pool, Statement};
use telemetry::http_client::send;
use telemetry::http_server::Traced;

static FIND_ORDER: Statement =
    Statement { operation: "SELECT", collection: "orders", summary: "SELECT orders", text: ORDER_BY_ID };

struct Front {
    client: reqwest::Client,
    back: String,
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Invocation { role, listen, upstream } = Invocation::of_process()?;
    let name = if role == Role::Front { "bench-front" } else { "bench-back" };
    let telemetry = Telemetry::start(&config::telemetry(name)?)?;
    let recorded = telemetry.clone();
    match role {
        Role::Front => {
            let state = Data::new(Front { client: front::client()?, back: upstream });
            let routes = move |app: &mut ServiceConfig| {
                let orders = resource("/orders/{id}").route(get().to(ask_back)).wrap(Traced::route("/orders/{id}"));
                app.app_data(telemetry.clone()).app_data(state.clone()).service(orders);
            };
            serve(listen, routes).await?;
        }
        Role::Back => {
            let pool = Data::new(Pool::new(back::pool(&upstream).await?, "public"));
            let routes = move |app: &mut ServiceConfig| {
                let orders = resource("/orders/{id}").route(get().to(ask_database)).wrap(Traced::route("/orders/{id}"));
                app.app_data(telemetry.clone()).app_data(pool.clone()).service(orders);
            };
            serve(listen, routes).await?;
        }
    }
    let ended = recorded.shutdown();
    // Also where spans were lost: then it says how many, and why.
    println!("{}", recorded.metrics().to_text(recorded.service_name(), env!("CARGO_PKG_VERSION")));
    Ok(ended?)
}

async fn ask_back(id: Path<i64>, front: Data<Front>) -> actix_web::Result<Json<Order>> {
    let answer = send(front.client.get(format!("{}/orders/{id}", front.back))).await.map_err(ErrorBadGateway)?;
    Ok(Json(answer.json().await.map_err(ErrorBadGateway)?))
}

async fn ask_database(id: Path<i64>, pool: Data<Pool>) -> actix_web::Result<Json<Order>> {
    let order = FIND_ORDER.bind(*id).fetch_one(pool.get_ref()).await;
    Ok(Json(order.map_err(ErrorServiceUnavailable)?))
}
