//! `POST /process`: what is priced, recorded, answered and sent on.

use serde_json::{Value, json};
use testkit::stub::Behaviour;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn prices_are_the_catalogues_and_the_total_is_exact() {
    let service = service::alone().await;
    let items = json!([
        {"sku": "sticker", "quantity": 3},
        {"sku": "book", "quantity": 2},
        {"sku": "keyboard", "quantity": 1000},
        {"sku": "sticker", "quantity": 1},
    ]);
    let answer = service.client.post("/process", &service::message(items)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let order = &answer.body["order"];
    // 4 * 0.99 + 2 * 39.90 + 1000 * 129.00
    assert_eq!((&order["total"], &order["currency"]), (&json!("129083.76"), &json!("EUR")));
    let priced = json!([
        {"sku": "sticker", "quantity": 3, "unit_price": "0.99"},
        {"sku": "book", "quantity": 2, "unit_price": "39.90"},
        {"sku": "keyboard", "quantity": 1000, "unit_price": "129.00"},
        {"sku": "sticker", "quantity": 1, "unit_price": "0.99"},
    ]);
    assert_eq!(order["items"], priced);
    let total = r#"SELECT (total * 100)::bigint FROM "order".orders"#;
    assert_eq!(service.database.count(total).await, 12_908_376);
    let shown = service.client.get(&format!("/orders/{}", order["id"].as_str().expect("an id"))).await;
    assert_eq!((&shown.body["items"], &shown.body["total"]), (&priced, &json!("129083.76")));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_items_are_one_unit_of_the_default_product() {
    let service = service::alone().await;
    let mut without = service::message(json!([]));
    without.as_object_mut().expect("an object").remove("items");
    for message in [service::message(json!([])), without] {
        let answer = service.client.post("/process", &message).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["order"]["items"], json!([{"sku": "book", "quantity": 1, "unit_price": "39.90"}]));
        assert_eq!(answer.body["order"]["total"], "39.90");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_or_an_order_of_the_callers_does_not_count() {
    let service = service::alone().await;
    let mut message = service::message(json!([{"sku": "book", "quantity": 1}]));
    message["order"] = json!({
        "id": "01890000-0000-7000-8000-000000000000", "total": "0.01", "currency": "XXX",
        "items": [{"sku": "book", "quantity": 1, "unit_price": "0.01"}],
    });
    let answer = service.client.post("/process", &message).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((&answer.body["order"]["total"], &answer.body["order"]["currency"]), (&json!("39.90"), &json!("EUR")));
    assert_ne!(answer.body["order"]["id"], message["order"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_added_and_what_is_not_known_is_kept_on_the_way_out_and_back() {
    let (service, stub) = service::before(Behaviour::Reply).await;
    let mut message = service::message(json!([{"sku": "mug", "quantity": 2}]));
    message["risk"] = json!({"score": 0.25});
    message["note"] = json!(null);
    let answer = service.client.post("/process", &message).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let [received] = &stub.received()[..] else { panic!("one request") };
    let mut expected = message.clone();
    expected["order"] = answer.body["order"].clone();
    assert_eq!(received.body, expected);
    assert_eq!(answer.body["risk"], message["risk"]);
    assert_eq!(answer.body["order"]["total"], "19.00");
    assert_eq!(answer.body["steps"][0]["service"], "order-service");
    let left = received.header("x-internal-timeout-ms").and_then(|left| left.parse::<u64>().ok());
    assert!(left.is_some_and(|left| left < 60_000), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_that_is_not_in_the_catalogue_is_named_and_nothing_is_written() {
    let (service, stub) = service::before(Behaviour::Reply).await;
    let items = json!([{"sku": "gold", "quantity": 1}, {"sku": "book", "quantity": 1}, {"sku": "Book", "quantity": 1}]);
    let answer = service.client.post("/process", &service::message(items)).await;
    answer.expect_problem(422, "invalid-request");
    assert_eq!(answer.pointers(), ["/items/0/sku", "/items/2/sku"]);
    assert!(!answer.text.contains("gold"), "{}", answer.text);
    service::expect_nothing_written(&service).await;
    assert_eq!(stub.received().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_has_one_currency() {
    let service = service::alone().await;
    service.database.execute(r#"INSERT INTO "order".products VALUES ('tea', 'Tea', 4.00, 'GBP')"#).await;
    let mixed = json!([{"sku": "book", "quantity": 1}, {"sku": "tea", "quantity": 1}]);
    let answer = service.client.post("/process", &service::message(mixed)).await;
    assert_eq!(answer.expect_problem(422, "invalid-request").pointers(), ["/items/1/sku"]);
    service::expect_nothing_written(&service).await;
    let tea = service.client.post("/process", &service::message(json!([{"sku": "tea", "quantity": 2}]))).await;
    assert_eq!((&tea.body["order"]["total"], &tea.body["order"]["currency"]), (&json!("8.00"), &json!("GBP")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_order_of_the_contract_is_taken() {
    let service = service::alone().await;
    let items = Value::from(vec![json!({"sku": "keyboard", "quantity": 1000}); 100]);
    let answer = service.client.post("/process", &service::message(items)).await;
    assert_eq!((answer.status, &answer.body["order"]["total"]), (200, &json!("12900000.00")), "{}", answer.text);
    assert_eq!(service.rows(r#""order".order_items"#).await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sum_that_no_order_can_have_is_refused_and_nothing_is_written() {
    let service = service::alone().await;
    service.database.execute(r#"INSERT INTO "order".products VALUES ('star', 'A star', 9999999999.99, 'EUR')"#).await;
    let items = Value::from(vec![json!({"sku": "star", "quantity": 1000}); 100]);
    let answer = service.client.post("/process", &service::message(items)).await;
    assert_eq!(answer.expect_problem(422, "invalid-request").pointers(), ["/items"]);
    service::expect_nothing_written(&service).await;
}
