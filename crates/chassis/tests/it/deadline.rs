//! How much time a request has.

use testkit::Answer;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_can_ask_for_less_time_and_not_for_more() {
    let service = service::start().await;
    let asked = ["100", "5001", "18446744073709551615", "99999999999999999999999", "-1", "soon", ""];
    for value in asked {
        let request = service.client.request(reqwest::Method::GET, "/left").header("X-Internal-Timeout-Ms", value);
        assert_eq!(Answer::of(request).await.status, 200, "{value}");
    }
    assert_eq!(service.client.get("/left").await.status, 200);
    let left = service.shared.left.lock().expect("no panic").clone();
    assert!(left[0] <= 100, "{left:?}");
    // What is more, or no number, leaves the service's own limit.
    assert!(left[1..].iter().all(|left| *left <= 5_000 && *left > 100), "{left:?}");
}
