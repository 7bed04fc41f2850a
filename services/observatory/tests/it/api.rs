//! The API: lists, filters, traces, the store's state, refusals.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use reqwest::Method;
use serde_json::json;

use crate::observatory::{Observatory, observatory, problem};
use crate::requests::{SECOND, failed, request, span, text, trace};

/// Three traces: 1 of user and order, failed; 2 of user, 5 s long; 3 of audit, with a lost parent.
async fn filled() -> Observatory {
    let observatory = observatory().await;
    let mut long = span(2, 1, 0);
    long.end_time_unix_nano += 4 * SECOND;
    observatory.send(&request("user-service", vec![span(1, 1, 0), long])).await;
    observatory.send(&request("order-service", vec![failed(span(1, 2, 1))])).await;
    observatory.send(&request("audit-service", vec![span(3, 5, 4)])).await;
    observatory
}

#[tokio::test]
async fn a_list_is_newest_first_with_summaries() {
    let list = filled().await.json("/api/traces").await;
    assert_eq!(list["total"], 3);
    let ids: Vec<_> = list["traces"].as_array().unwrap().iter().map(|row| row["traceId"].clone()).collect();
    assert_eq!(ids, [trace(3).to_string(), trace(2).to_string(), trace(1).to_string()]);
    let expected = json!({
        "traceId": trace(1).to_string(),
        "rootServiceName": "user-service", "rootName": "span 1", "rootReceived": true,
        "startTimeUnixNano": "1001000000000", "durationNano": "1000000000",
        "spanCount": 2, "errorCount": 1, "status": "error",
        "services": [
            {"name": "user-service", "spanCount": 1, "errorCount": 0},
            {"name": "order-service", "spanCount": 1, "errorCount": 1},
        ],
        "missingParents": 0,
    });
    assert_eq!(list["traces"][2], expected);
    let torn = &list["traces"][0];
    assert_eq!((&torn["missingParents"], &torn["rootReceived"]), (&json!(1), &json!(false)));
    assert_eq!((&torn["rootServiceName"], &torn["status"]), (&json!("audit-service"), &json!("ok")));
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_total() {
    let observatory = filled().await;
    for (query, ids) in [
        ("?service=user-service", &[2, 1][..]),
        ("?service=order-service", &[1]),
        ("?service=nobody", &[]),
        ("?status=error", &[1]),
        ("?status=ok", &[3, 2]),
        ("?min_duration_ms=1000", &[3, 2, 1]),
        ("?min_duration_ms=1000.001", &[2]),
        ("?min_duration_ms=5000&status=ok&service=user-service", &[2]),
        ("?service=&status=&min_duration_ms=&limit=", &[3, 2, 1]),
    ] {
        assert_eq!(observatory.listed(query).await, ids, "{query}");
        assert_eq!(observatory.json(&format!("/api/traces{query}")).await["total"], ids.len(), "{query}");
    }
    assert_eq!(observatory.listed("?limit=2").await, [3, 2]);
    let list = observatory.json("/api/traces?limit=1&service=user-service").await;
    assert_eq!((list["traces"].as_array().unwrap().len(), &list["total"]), (1, &json!(2)));
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let observatory = observatory().await;
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("status=red", "status"),
        ("min_duration_ms=-1", "min_duration_ms"),
        ("min_duration_ms=NaN", "min_duration_ms"),
        ("colour=blue", "colour"),
    ] {
        let detail = problem(observatory.get(&format!("/api/traces?{query}")).await, 400, "invalid-parameter").await;
        assert!(detail.contains(&format!("{name:?}")), "{detail}");
    }
}

#[tokio::test]
async fn a_trace_has_all_that_was_sent() {
    let observatory = observatory().await;
    let user = request("user-service", vec![span(1, 1, 0), span(1, 2, 1)]);
    let mut order = span(1, 3, 2);
    order.attributes = vec![text("db.query.text", "SELECT \"x\"\n")];
    let order = request("order-service", vec![order]);
    for sent in [&user, &order, &user] {
        observatory.send(sent).await;
    }
    observatory.send(&request("user-service", vec![span(1, 4, 1)])).await;

    let response = observatory.get("/api/traces/00000000000000000000000000000001").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let document = response.bytes().await.unwrap();
    let protobuf = otlp::json::to_protobuf(&document).unwrap();
    let answered = ExportTraceServiceRequest::decode(&protobuf[..]).unwrap();
    let mut expected =
        ExportTraceServiceRequest { resource_spans: [user.resource_spans, order.resource_spans].concat() };
    expected.resource_spans[0].scope_spans[0].spans.push(span(1, 4, 1));
    assert_eq!(answered, expected);
    assert_eq!(observatory.json("/api/status").await["duplicates"], 2);
}

#[tokio::test]
async fn ids_are_short_upper_case_unknown_or_malformed() {
    let observatory = filled().await;
    assert_eq!(observatory.get("/api/traces/1").await.status(), 200);
    observatory.send(&request("s", vec![span(0xab, 1, 0)])).await;
    assert_eq!(observatory.get("/api/traces/AB").await.status(), 200);
    let detail = problem(observatory.get("/api/traces/99").await, 404, "unknown-trace").await;
    assert!(detail.contains("00000000000000000000000000000099"));
    for id in ["xyz", "0", "000000000000000000000000000000001", "%00"] {
        problem(observatory.get(&format!("/api/traces/{id}")).await, 400, "malformed-trace-id").await;
    }
}

#[tokio::test]
async fn the_state_is_counted_and_health_is_answered() {
    let observatory = filled().await;
    let status = observatory.json("/api/status").await;
    let counted =
        ["traces", "spans", "received", "rejected", "duplicates", "evictedTraces", "evictedSpans", "refusedRequests"];
    assert_eq!(counted.map(|name| status[name].as_u64().unwrap()), [3, 4, 4, 0, 0, 0, 0, 0]);
    assert_eq!(status["limits"], json!({"traces": 20_000, "bytes": 256 << 20}));
    assert!(status["bytes"].as_u64().unwrap() > 0);
    for path in ["/health", "/livez", "/readyz"] {
        assert_eq!(observatory.json(path).await["status"], "ok");
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_problems() {
    let observatory = observatory().await;
    for path in ["/nothing", "/api", "/api/traces/1/spans", "/assets/nothing.js", "/assets/../Cargo.toml"] {
        problem(observatory.get(path).await, 404, "unknown-route").await;
    }
    for path in ["/", "/api/traces", "/api/traces/1", "/api/status", "/health", "/assets/main.js"] {
        let response = observatory.request(Method::POST, path).send().await.unwrap();
        assert_eq!(response.headers()["allow"], "GET,HEAD", "{path}");
        problem(response, 405, "method-not-allowed").await;
    }
}
