//! Orders whose end nobody has noted.

use std::time::Duration;

use testkit::Database;

use crate::service;

/// Far longer than it takes.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_abandoned_is_unknown_and_one_under_way_is_left_alone() {
    let database = Database::new().await;
    let order = |id: u32, age: &str| {
        format!(
            "INSERT INTO \"order\".orders (id, user_id, action, total, currency, created_at) \
             VALUES ('00000000-0000-0000-0000-{id:012}', 1001, 'a', 1, 'EUR', now() - interval '{age}');"
        )
    };
    database.execute(&(order(1, "2 minutes") + &order(2, "1 second"))).await;
    let service = service::on(database, |settings| settings).await;
    // Newest first: the one under way, and the abandoned one.
    let states = async || {
        let orders = service.client.get("/orders").await;
        [0, 1].map(|at: usize| orders.body["items"][at]["state"].as_str().unwrap_or_default().to_owned())
    };
    // Asking again is waiting.
    let noted = async { while states().await[1] == "pending" {} };
    tokio::time::timeout(LIMIT, noted).await.expect("it is noted");
    assert_eq!(states().await, ["pending", "unknown"]);
}
