//! The service under test.

use order_service::Config;
use serde_json::{Value, json};
use testkit::stub::Behaviour;
use testkit::{Database, Running, Settings, Stub};

/// A running order service, with settings that `change` adds to.
pub async fn start(change: impl FnOnce(Settings) -> Settings) -> Running {
    Running::start("order", Config::from_environment, order_service::start, change).await
}

/// The same on a database that the test has made.
pub async fn on(database: Database, change: impl FnOnce(Settings) -> Settings) -> Running {
    Running::on(database, "order", Config::from_environment, order_service::start, change).await
}

/// One that is the end of the chain.
pub async fn alone() -> Running {
    start(|settings| settings).await
}

/// One whose next service does as it is told.
pub async fn before(behaviour: Behaviour) -> (Running, Stub) {
    let stub = Stub::start(behaviour).await;
    (start(|settings| settings.with("NEXT_SERVICE_URL", stub.url())).await, stub)
}

/// What the user service sends.
pub fn message(items: Value) -> Value {
    let user = json!({"id": 1001, "name": "Ada Lovelace", "email": "ada.lovelace@example.com"});
    json!({"user": user, "action": "purchase", "items": items})
}

/// Checks that there is no order and no item.
pub async fn expect_nothing_written(service: &Running) {
    assert_eq!(service.rows(r#""order".orders"#).await, 0);
    assert_eq!(service.rows(r#""order".order_items"#).await, 0);
}

/// The only order, as the list shows it.
pub async fn only_order(service: &Running) -> Value {
    let page = service.client.get("/orders").await;
    let [order] = &page.body["items"].as_array().expect("items")[..] else { panic!("not one order: {}", page.text) };
    order.clone()
}
