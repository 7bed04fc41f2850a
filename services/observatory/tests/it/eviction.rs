//! The bounds of the store, seen from outside.

use observatory::Config;

use crate::observatory::{Observatory, observatory_with};
use crate::requests::{request, span};

async fn counter(observatory: &Observatory, name: &str) -> u64 {
    observatory.json("/api/status").await[name].as_u64().unwrap()
}

#[tokio::test]
async fn the_trace_that_came_first_makes_room_for_one_too_many() {
    let observatory = observatory_with(Config { max_traces: 3, ..Config::on_free_ports() }).await;
    // The order of arrival counts, not that of the clocks: trace 9 began last.
    for number in [9, 1, 2, 3, 4] {
        observatory.send(&request("s", vec![span(number, 1, 0), span(number, 2, 1)])).await;
    }
    assert_eq!(observatory.listed("").await, [4, 3, 2]);
    assert_eq!(counter(&observatory, "evictedTraces").await, 2);
    assert_eq!(counter(&observatory, "evictedSpans").await, 4);
    assert_eq!(counter(&observatory, "spans").await, 6);
    assert_eq!(observatory.get("/api/traces/9").await.status(), 404);
}

#[tokio::test]
async fn bytes_are_bounded_too() {
    let max_bytes = 100_000;
    let observatory = observatory_with(Config { max_bytes, ..Config::on_free_ports() }).await;
    for number in 1..=30 {
        let mut heavy = span(number, 1, 0);
        heavy.name = "n".repeat(10_000);
        observatory.send(&request("s", vec![heavy])).await;
        assert!(counter(&observatory, "bytes").await <= max_bytes as u64);
    }
    let kept = observatory.listed("").await;
    assert!((5..=9).contains(&kept.len()), "{kept:?}");
    assert_eq!(kept[0], 30);
    assert_eq!(counter(&observatory, "evictedTraces").await, 30 - kept.len() as u64);
}

#[tokio::test]
async fn a_trace_larger_than_the_store_is_gone_and_the_store_goes_on() {
    let observatory = observatory_with(Config { max_bytes: 5_000, ..Config::on_free_ports() }).await;
    let mut heavy = span(1, 1, 0);
    heavy.name = "n".repeat(10_000);
    observatory.send(&request("s", vec![heavy])).await;
    assert_eq!((counter(&observatory, "traces").await, counter(&observatory, "bytes").await), (0, 0));
    observatory.send(&request("s", vec![span(2, 1, 0)])).await;
    assert_eq!(observatory.listed("").await, [2]);
}
