//! The service under test.

use serde_json::{Value, json};
use testkit::stub::Behaviour;
use testkit::{Answer, Client, Database, Running, Settings, Stub};
use user_service::Config;

/// A running user service, with settings that `change` adds to.
pub async fn start(change: impl FnOnce(Settings) -> Settings) -> Running {
    Running::start("user", Config::from_environment, user_service::start, change).await
}

/// The same on a database that the test has made.
pub async fn on(database: Database, change: impl FnOnce(Settings) -> Settings) -> Running {
    Running::on(database, "user", Config::from_environment, user_service::start, change).await
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

/// What a user of the examples asks for.
pub fn request() -> Value {
    json!({"user_id": 1001, "action": "test_trace"})
}

/// Asks, with this many milliseconds left.
pub async fn process_within(client: &Client, millis: u64) -> Answer {
    let request = client.request(reqwest::Method::POST, "/process").json(&request());
    Answer::of(request.header("X-Internal-Timeout-Ms", millis)).await
}
