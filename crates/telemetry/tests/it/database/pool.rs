//! What a pool's connections and waits look like.

use std::pin::pin;
use std::task::Poll;

use opentelemetry::trace::{FutureExt, SpanContext, TraceContextExt, TraceState};
use opentelemetry::{Context, SpanId, TraceFlags, TraceId};
use otlp::tree::Value;
use sqlx::postgres::PgPoolOptions;
use testkit::openmetrics::Exposition;

use super::service::{ONE, Working, span};

const WAIT: &str = "db.client.connection.wait_time";

/// sqlx-otel and sqlx-tracing: the wait is hidden in the statement's span.
#[tokio::test(flavor = "multi_thread")]
async fn the_wait_for_a_connection_is_no_part_of_the_statements_span() {
    let service = Working::with(PgPoolOptions::new().max_connections(1), |pool, telemetry| async move {
        let held = pool.begin().await.expect("it begins");
        let mut waiting = pin!(ONE.bind(1).execute(&pool));
        let pending = std::future::poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending())).await;
        assert!(pending, "the only connection is held");
        let metrics = Exposition::parse(&telemetry.metrics().to_text("test-service", "1.2.3"));
        assert_eq!(metrics.sum("db_client_connection_pending_requests", &[]), 1.0);
        assert_eq!(metrics.sum("db_client_connection_count", &[("db_client_connection_state", "used")]), 1.0);
        assert_eq!(metrics.sum("db_client_connection_count", &[("db_client_connection_state", "idle")]), 0.0);
        assert_eq!(metrics.sum("db_client_connection_max", &[]), 1.0);
        held.commit().await.expect("it is committed");
        waiting.await.expect("it runs");
    })
    .await;
    let tree = service.trace(&["BEGIN", "COMMIT", "SELECT numbers"]).await;
    let (commit, statement) = (span(&tree, "COMMIT"), span(&tree, "SELECT numbers"));
    assert!(statement.start_unix_nanos >= commit.end_unix_nanos, "{statement:?} begins before the end of {commit:?}");
    let Some(Value::Double(waited)) = statement.attribute(WAIT) else { panic!("{statement:?} has no wait") };
    let committing = (commit.end_unix_nanos - commit.start_unix_nanos) as f64 / 1e9;
    assert!(*waited >= committing, "it waited {waited} s for a commit of {committing} s");
    let metrics = service.metrics().await;
    for (name, count) in [("wait_time", 2.0), ("use_time", 2.0)] {
        assert_eq!(metrics.sum(&format!("db_client_connection_{name}_seconds_count"), &[]), count, "{name}");
    }
    assert_eq!(metrics.sum("db_client_connection_pending_requests", &[]), 0.0);
    assert_eq!(metrics.sum("db_client_operation_duration_seconds_count", &[]), 3.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statements_metric_says_which_server_and_has_its_trace_as_exemplar() {
    let service = Working::start(|pool, _| async move {
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    let tree = service.trace(&["SELECT numbers"]).await;
    let statement = span(&tree, "SELECT numbers");
    let metrics = service.metrics().await;
    let of_metric = |name: &'static str| metrics.0.iter().filter(move |sample| sample.name == name);
    let count = of_metric("db_client_operation_duration_seconds_count").next().expect("a series");
    for name in ["db.system.name", "db.namespace", "server.address", "db.operation.name", "db.collection.name"] {
        let label = count.labels.get(&name.replace('.', "_")).map(String::as_str);
        assert_eq!(label, statement.attribute(name).and_then(Value::as_str), "{name}");
    }
    for name in ["db_client_operation_duration_seconds_bucket", "db_client_connection_wait_time_seconds_bucket"] {
        let exemplars: Vec<_> = of_metric(name).filter_map(|sample| sample.exemplar.as_ref()).collect();
        let [exemplar] = exemplars[..] else { panic!("{name}: one exemplar: {exemplars:?}") };
        assert_eq!(exemplar.labels["span_id"], statement.span_id.to_string(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsampled_statement_is_counted_and_is_no_exemplar() {
    let service = Working::start(|pool, _| async move {
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    service.request("00").await;
    let metrics = service.metrics().await;
    assert_eq!(metrics.sum("db_client_operation_duration_seconds_count", &[]), 1.0);
    assert!(metrics.0.iter().all(|sample| sample.exemplar.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_has_done_nothing_is_there_when_it_was_shown() {
    let service = Working::start(|pool, telemetry| async move {
        pool.counted_by(&telemetry);
        pool.counted_by(&telemetry);
    })
    .await;
    assert!(!service.metrics().await.0.iter().any(|sample| sample.name == "db_client_connection_max"));
    service.request("01").await;
    let metrics = service.metrics().await;
    assert_eq!(metrics.sum("db_client_connection_max", &[]), 2.0);
    let name = &metrics.0.iter().find(|sample| sample.name == "db_client_connection_max").expect("it").labels;
    let name = &name["db_client_connection_pool_name"];
    let (server, namespace) = name.split_once('/').expect("server and namespace");
    assert!(server.starts_with("127.0.0.1:") && namespace.ends_with("|user"), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_a_trace_that_is_left_out_is_counted_whether_it_is_measured_or_not() {
    for (metrics, measured) in [("on", 1.0), ("off", 0.0)] {
        let service = Working::set(("TELEMETRY_METRICS", metrics), |pool, _| async move {
            ONE.bind(1).execute(&pool).await.expect("it runs");
        })
        .await;
        service.request("00").await;
        let seen = service.metrics().await;
        let left_out = [("otel_span_parent_origin", "local"), ("otel_span_sampling_result", "DROP")];
        assert_eq!(seen.sum("otel_sdk_span_started_total", &left_out), 1.0, "metrics {metrics}");
        assert_eq!(seen.sum("db_client_operation_duration_seconds_count", &[]), measured);
        // What is sampled has its span in either case.
        service.trace(&["SELECT numbers"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_caller_that_has_left_its_trace_out_a_statement_is_recorded_where_the_sampler_does_not_ask_it() {
    for (sampler, recorded) in [("always_on", 1.0), ("parentbased_always_on", 0.0)] {
        let service = Working::set(("OTEL_TRACES_SAMPLER", sampler), |pool, telemetry| async move {
            let (trace, span, flags) = (TraceId::from(7), SpanId::from(8), TraceFlags::NOT_SAMPLED);
            let caller = SpanContext::new(trace, span, flags, true, TraceState::NONE);
            let message = Context::new().with_value(telemetry).with_remote_span_context(caller);
            ONE.bind(1).execute(&pool).with_context(message).await.expect("it runs");
        })
        .await;
        service.request("00").await;
        let seen = service.metrics().await;
        let started = |result| {
            let labels = [("otel_span_parent_origin", "remote"), ("otel_span_sampling_result", result)];
            seen.sum("otel_sdk_span_started_total", &labels)
        };
        // The request's own span, and that of the statement.
        let (kept, left_out) = (started("RECORD_AND_SAMPLE"), started("DROP"));
        assert_eq!((kept, left_out), (2.0 * recorded, 2.0 - 2.0 * recorded), "{sampler}");
    }
}
