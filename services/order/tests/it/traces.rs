//! Whole trace trees, and what their spans say of an order.

use otlp::tree::Value;
use serde_json::json;
use testkit::client::TRACE;
use testkit::stub::Behaviour;
use testkit::{Stub, conventions, stub};

use crate::service;

const PRICED_AND_RECORDED: &str = "
  order-service internal price order
    order-service client SELECT products
  order-service client BEGIN
  order-service client INSERT orders
  order-service client INSERT order_items
  order-service client COMMIT";

fn outline(server: &str, rest: &str) -> String {
    format!("\norder-service server POST /process{server}{PRICED_AND_RECORDED}{rest}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_succeeds() {
    let (service, _stub) = service::before(Behaviour::Reply).await;
    let items = json!([{"sku": "book", "quantity": 2}, {"sku": "sticker", "quantity": 3}]);
    let answer = service.client.post_in_trace("/process", &service::message(items)).await;
    let rest = "\n  order-service client POST\n  order-service client UPDATE orders";
    let tree = service.backend.flushed(&service.server, TRACE, &outline(" [parent missing]", rest)).await;
    conventions::check(&tree);
    let server = tree.find("order-service", "POST /process").expect("the server span");
    let id = answer.body["order"]["id"].as_str().expect("an id");
    for (key, value) in [("order.id", id), ("order.currency", "EUR"), ("order.state", "completed"), ("user.id", "1001")]
    {
        assert_eq!(server.attribute(key).and_then(Value::as_str), Some(value), "{key}");
    }
    assert_eq!(server.attribute("order.total"), Some(&Value::Double(82.77)));
    assert_eq!(server.attribute("order.item_count"), Some(&Value::Int(2)));
    let price = tree.find("order-service", "price order").expect("the business span");
    let events: Vec<_> = price.events.iter().filter(|event| event.name == "item priced").collect();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].attribute("item.sku").and_then(Value::as_str), Some("sticker"));
    assert_eq!(events[1].attribute("item.quantity"), Some(&Value::Int(3)));
    assert_eq!(events[1].attribute("item.unit_price"), Some(&Value::Double(0.99)));
    assert_eq!(events[1].attribute("item.total"), Some(&Value::Double(2.97)));
    let sql = tree.find("order-service", "SELECT products").expect("the statement's span");
    assert!(sql.attribute("db.namespace").and_then(Value::as_str).is_some_and(|name| name.ends_with("|order")));
    for node in &tree.nodes {
        let version =
            node.resource.iter().find(|(key, _)| key == "service.version").and_then(|(_, value)| value.as_str());
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_item_is_a_trace_without_an_error() {
    let service = service::alone().await;
    let answer = service.client.post("/process", &service::message(json!([{"sku": "gold", "quantity": 1}]))).await;
    let expected = "
        order-service server POST /process
          order-service internal price order
            order-service client SELECT products";
    let tree = service.trace(&answer, expected).await;
    conventions::check(&tree);
    assert_eq!(tree.nodes[tree.roots[0]].attribute("http.response.status_code"), Some(&Value::Int(422)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_service_that_is_down() {
    let nobody = stub::nobody();
    let service = service::start(|settings| settings.with("NEXT_SERVICE_URL", nobody)).await;
    let answer = service.client.post("/process", &service::message(json!([]))).await;
    let rest = "\n  order-service client POST [error: connection_refused]\n  order-service client UPDATE orders";
    conventions::check(&service.trace(&answer, &outline(" [error: 503]", rest)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_service_that_fails() {
    let stub = Stub::start(Behaviour::Answer(500, "text/plain", "no".to_owned())).await;
    let service = service::start(|settings| settings.with("NEXT_SERVICE_URL", stub.url())).await;
    let answer = service.client.post("/process", &service::message(json!([]))).await;
    let rest = "\n  order-service client POST [error: 500]\n  order-service client UPDATE orders";
    conventions::check(&service.trace(&answer, &outline(" [error: 502]", rest)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_read() {
    let service = service::alone().await;
    let made = service.client.post("/process", &service::message(json!([]))).await;
    let id = made.body["order"]["id"].as_str().expect("an id");
    let request = service.client.request(reqwest::Method::GET, &format!("/orders/{id}"));
    let answer = testkit::Answer::of(request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))).await;
    assert_eq!(answer.status, 200);
    let expected = "
        order-service server GET /orders/{id} [parent missing]
          order-service client SELECT orders
          order-service client SELECT order_items";
    conventions::check(&service.backend.flushed(&service.server, TRACE, expected).await);
}
