//! `GET /audit`.

use serde_json::{Value, json};
use testkit::pages;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_walked_from_the_newest_to_the_oldest_without_repeats() {
    let service = service::alone().await;
    let mut expected = Vec::new();
    for _ in 0..7 {
        let answer = service.client.post("/process", &service::message()).await;
        expected.insert(0, answer.body["audit"]["id"].clone());
    }
    for limit in [1, 3, 7, 100] {
        let records = pages::walk(&service.client, "/audit", limit).await;
        let ids: Vec<Value> = records.iter().map(|record| record["id"].clone()).collect();
        assert_eq!(ids, expected, "limit={limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_moment_are_all_listed_once() {
    let service = service::alone().await;
    service
        .database
        .execute(
            "INSERT INTO audit.audit_logs (id, user_id, action, recorded_at)
             SELECT gen_random_uuid(), 1, 'a', '2026-01-02T03:04:05.678901Z' FROM generate_series(1, 10)",
        )
        .await;
    let records = pages::walk(&service.client, "/audit", 3).await;
    let mut ids: Vec<_> = records.iter().filter_map(|record| record["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((records.len(), ids.len()), (10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_is_an_empty_page() {
    let service = service::alone().await;
    assert_eq!(service.client.get("/audit").await.body, json!({"items": []}));
}
