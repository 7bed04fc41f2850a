//! `GET /orders` and `GET /orders/{id}`.

use serde_json::{Value, json};
use testkit::pages;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_walked_from_the_newest_to_the_oldest_without_repeats() {
    let service = service::alone().await;
    let mut expected = Vec::new();
    for quantity in 1..=7 {
        let answer =
            service.client.post("/process", &service::message(json!([{"sku": "mug", "quantity": quantity}]))).await;
        expected.insert(0, answer.body["order"]["id"].clone());
    }
    for limit in [1, 3, 7, 100] {
        let orders = pages::walk(&service.client, "/orders", limit).await;
        let ids: Vec<Value> = orders.iter().map(|order| order["id"].clone()).collect();
        assert_eq!(ids, expected, "limit={limit}");
        assert_eq!(orders[0]["items"], json!([{"sku": "mug", "quantity": 7, "unit_price": "9.50"}]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_one_moment_are_all_listed_once() {
    let service = service::alone().await;
    service
        .database
        .execute(
            r#"INSERT INTO "order".orders (id, user_id, action, total, currency, created_at)
               SELECT gen_random_uuid(), 1, 'a', 1.00, 'EUR', '2026-01-02T03:04:05.678901Z' FROM generate_series(1, 10)"#,
        )
        .await;
    let orders = pages::walk(&service.client, "/orders", 3).await;
    let mut ids: Vec<_> = orders.iter().filter_map(|order| order["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((orders.len(), ids.len()), (10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_meanwhile_does_not_repeat_others() {
    let service = service::alone().await;
    for _ in 0..4 {
        service.client.post("/process", &service::message(json!([]))).await;
    }
    let first = service.client.get("/orders?limit=2").await;
    service.client.post("/process", &service::message(json!([]))).await;
    let cursor = first.body["next_cursor"].as_str().expect("there is more");
    let second = service.client.get(&format!("/orders?limit=2&cursor={cursor}")).await;
    let ids = |page: &Value| {
        page["items"].as_array().expect("items").iter().map(|order| order["id"].clone()).collect::<Vec<_>>()
    };
    let (first, second) = (ids(&first.body), ids(&second.body));
    assert_eq!(second.len(), 2);
    assert!(second.iter().all(|id| !first.contains(id)), "{first:?} {second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_shown_with_all_its_members() {
    let service = service::alone().await;
    let answer = service.client.post("/process", &service::message(json!([]))).await;
    let order = service::only_order(&service).await;
    let id = answer.body["order"]["id"].as_str().expect("an id");
    let created_at = order["created_at"].as_str().expect("a time");
    assert!(created_at.contains('T') && created_at.ends_with('Z'), "{created_at}");
    let expected = json!({
        "id": id, "user_id": 1001, "action": "purchase", "state": "completed", "total": "39.90", "currency": "EUR",
        "items": [{"sku": "book", "quantity": 1, "unit_price": "39.90"}], "created_at": created_at,
    });
    assert_eq!(order, expected);
    assert_eq!(service.client.get(&format!("/orders/{id}")).await.body, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_is_an_empty_page() {
    let service = service::alone().await;
    let page = service.client.get("/orders").await;
    assert_eq!((page.status, page.body), (200, json!({"items": []})));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_order_is_404_and_an_id_that_is_none_is_422() {
    let service = service::alone().await;
    let unknown = service.client.get("/orders/01890000-0000-7000-8000-000000000000").await;
    unknown.expect_problem(404, "not-found");
    for id in ["1", "01890000-0000-7000-8000", "x"] {
        service.client.get(&format!("/orders/{id}")).await.expect_problem(422, "invalid-request");
    }
}
