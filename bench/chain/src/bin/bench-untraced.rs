//! The chain without telemetry: what every figure is divided by.

use actix_web::error::{ErrorBadGateway, ErrorServiceUnavailable};
use actix_web::web::{Data, Json, Path, ServiceConfig, get, resource};
use bench_chain::{Invocation, ORDER_BY_ID, Order, Role, back, front, serve};
use sqlx::PgPool;

struct Front {
    client: reqwest::Client,
    back: String,
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Invocation { role, listen, upstream } = Invocation::of_process()?;
    match role {
        Role::Front => {
            let state = Data::new(Front { client: front::client()?, back: upstream });
            let routes = move |app: &mut ServiceConfig| {
                app.app_data(state.clone()).service(resource("/orders/{id}").route(get().to(ask_back)));
            };
            serve(listen, routes).await?;
        }
        Role::Back => {
            let pool = Data::new(back::pool(&upstream).await?);
            let routes = move |app: &mut ServiceConfig| {
                app.app_data(pool.clone()).service(resource("/orders/{id}").route(get().to(ask_database)));
            };
            serve(listen, routes).await?;
        }
    }
    Ok(())
}

async fn ask_back(id: Path<i64>, front: Data<Front>) -> actix_web::Result<Json<Order>> {
    let answer = front.client.get(format!("{}/orders/{id}", front.back)).send().await.map_err(ErrorBadGateway)?;
    Ok(Json(answer.json().await.map_err(ErrorBadGateway)?))
}

async fn ask_database(id: Path<i64>, pool: Data<PgPool>) -> actix_web::Result<Json<Order>> {
    let order = sqlx::query_as(ORDER_BY_ID).bind(*id).fetch_one(pool.get_ref()).await;
    Ok(Json(order.map_err(ErrorServiceUnavailable)?))
}
