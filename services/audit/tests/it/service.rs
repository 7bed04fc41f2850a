//! The service under test.

use audit_service::Config;
use serde_json::{Value, json};
use testkit::{Database, Running, Settings};

/// The order of [`message`].
pub const ORDER: &str = "01890000-0000-7000-8000-000000000001";

/// A running audit service, with settings that `change` adds to.
pub async fn start(change: impl FnOnce(Settings) -> Settings) -> Running {
    Running::start("audit", Config::from_environment, audit_service::start, change).await
}

/// The same on a database that the test has made.
pub async fn on(database: Database, change: impl FnOnce(Settings) -> Settings) -> Running {
    Running::on(database, "audit", Config::from_environment, audit_service::start, change).await
}

/// The end of the chain.
pub async fn alone() -> Running {
    start(|settings| settings).await
}

/// What the order service sends.
pub fn message() -> Value {
    json!({
        "user": {"id": 1001, "name": "Ada Lovelace", "email": "ada.lovelace@example.com"},
        "action": "purchase",
        "items": [{"sku": "book", "quantity": 2}],
        "order": {
            "id": ORDER, "items": [{"sku": "book", "quantity": 2, "unit_price": "39.90"}],
            "total": "79.80", "currency": "EUR",
        },
    })
}

/// How many records there are.
pub async fn records(service: &Running) -> i64 {
    service.rows("audit.audit_logs").await
}
