//! `POST /process`: the record, and the summary of the whole chain.

use serde_json::json;
use testkit::client::TRACE;
use testkit::stub::Behaviour;
use testkit::{Stub, stub};

use crate::service::{self, ORDER};

#[tokio::test(flavor = "multi_thread")]
async fn the_record_is_written_and_the_whole_chain_summed_up() {
    let service = service::alone().await;
    let mut message = service::message();
    message["risk"] = json!({"score": 0.25});
    let answer = service.client.post_in_trace("/process", &message).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["user"], message["user"]);
    assert_eq!(answer.body["order"], message["order"]);
    assert_eq!(answer.body["risk"], message["risk"], "what is not known is kept");
    for part in ["action", "items"] {
        assert_eq!(answer.body.get(part), None, "{part} is of the request");
    }
    let [step] = &answer.body["steps"].as_array().expect("steps")[..] else { panic!("one step: {}", answer.text) };
    assert_eq!((&step["service"], &step["version"]), (&json!("audit-service"), &json!(env!("CARGO_PKG_VERSION"))));
    let page = service.client.get("/audit").await;
    let expected = json!({"items": [{
        "id": answer.body["audit"]["id"], "recorded_at": answer.body["audit"]["recorded_at"], "user_id": 1001,
        "action": "purchase", "order_id": ORDER, "order_total": "79.80", "currency": "EUR", "trace_id": TRACE,
    }]});
    assert_eq!(page.body, expected);
    assert!(answer.body["audit"]["recorded_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_without_an_order_is_recorded_too() {
    let service = service::alone().await;
    let mut message = service::message();
    message.as_object_mut().expect("an object").remove("order");
    let answer = service.client.post("/process", &message).await;
    assert_eq!((answer.status, answer.body.get("order")), (200, None), "{}", answer.text);
    let record = &service.client.get("/audit").await.body["items"][0];
    assert_eq!(
        (&record["order_id"], &record["order_total"], &record["currency"]),
        (&json!(null), &json!(null), &json!(null))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_need_not_be_the_end_of_the_chain() {
    let next = Stub::start(Behaviour::Reply).await;
    let service = service::start(|settings| settings.with("NEXT_SERVICE_URL", next.url())).await;
    let answer = service.client.post("/process", &service::message()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(next.received()[0].body, service::message());
    assert!(answer.body["audit"]["id"].is_string(), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_service_that_is_down_is_told_by_who_has_written_already_as_unknown() {
    let nobody = stub::nobody();
    let service = service::start(|settings| settings.with("NEXT_SERVICE_URL", nobody)).await;
    let answer = service.client.post("/process", &service::message()).await;
    // 503 would say that nothing was done.
    answer.expect_problem(504, "outcome-unknown");
    assert_eq!(service::records(&service).await, 1);
}
