//! What the usual crates for sqlx get wrong, each with a test that they would fail: sqlx-otel 0.5, sqlx-tracing 0.2.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use otlp::tree::Value;
use prost::Message;
use sqlx::postgres::PgPoolOptions;
use testkit::{conventions, stub};

use super::service::{BROKEN, NUMBERS, ONE, Working, span, text};

/// sqlx-otel: `postgresql`, unless each call is annotated; sqlx-tracing: `sqlx.fetch_one`.
#[tokio::test(flavor = "multi_thread")]
async fn a_span_is_named_by_operation_and_table_without_a_word_at_the_call() {
    let service = Working::start(|pool, _| async move {
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    let tree = service.trace(&["SELECT numbers"]).await;
    let statement = span(&tree, "SELECT numbers");
    assert_eq!(text(statement, "db.query.summary"), Some("SELECT numbers"));
    assert_eq!(text(statement, "db.operation.name"), Some("SELECT"));
    assert_eq!(text(statement, "db.collection.name"), Some("numbers"));
    assert_eq!(text(statement, "db.query.text"), Some("SELECT 1 WHERE $1 = 1"));
}

/// sqlx-otel: `Database`, the name of a variant; sqlx-tracing: `client` or `server`.
#[tokio::test(flavor = "multi_thread")]
async fn the_error_type_is_the_sqlstate() {
    let service = Working::start(|pool, _| async move {
        BROKEN.unbound().execute(&pool).await.expect_err("there is no such table");
    })
    .await;
    let tree = service.trace(&["SELECT nothing [error: 42P01]"]).await;
    assert_eq!(text(span(&tree, "SELECT nothing"), "db.response.status_code"), Some("42P01"));
    let metrics = service.metrics().await;
    let labels =
        [("error_type", "42P01"), ("db_response_status_code", "42P01"), ("db_query_summary", "SELECT nothing")];
    assert_eq!(metrics.sum("db_client_operation_duration_seconds_count", &labels), 1.0);
}

/// sqlx-otel: `RowNotFound` is an error, so that every 404 turns red; sqlx-tracing: the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_not_there_is_no_error() {
    let service = Working::start(|pool, _| async move {
        let missing = ONE.bind(2).fetch_one::<(i32,)>(&pool).await;
        assert!(matches!(missing, Err(sqlx::Error::RowNotFound)));
        let missing = ONE.bind(2).fetch_scalar::<i32>(&pool).await;
        assert!(matches!(missing, Err(sqlx::Error::RowNotFound)));
    })
    .await;
    service.trace(&["SELECT numbers", "SELECT numbers"]).await;
    let metrics = service.metrics().await;
    assert!(
        metrics.0.iter().all(|sample| !sample.name.starts_with("db_") || !sample.labels.contains_key("error_type"))
    );
}

/// sqlx-otel: an `exception` event, which the conventions have given up; sqlx-tracing: `error.message`, which may have values.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_told_without_an_event_and_without_the_servers_words() {
    let service = Working::start(|pool, _| async move {
        BROKEN.unbound().execute(&pool).await.expect_err("there is no such table");
    })
    .await;
    let tree = service.trace(&["SELECT nothing [error: 42P01]"]).await;
    let statement = span(&tree, "SELECT nothing");
    assert!(statement.events.is_empty() && statement.status_message.is_empty(), "{statement:?}");
    for name in ["error.message", "error.stacktrace", "exception.message"] {
        assert_eq!(statement.attribute(name), None);
    }
}

/// sqlx-otel: the database alone; sqlx-tracing: `db.name`.
#[tokio::test(flavor = "multi_thread")]
async fn the_namespace_is_database_and_schema() {
    let service = Working::start(|pool, _| async move {
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    let tree = service.trace(&["SELECT numbers"]).await;
    let namespace = text(span(&tree, "SELECT numbers"), "db.namespace").expect("a namespace");
    let (database, schema) = namespace.split_once('|').expect("two parts");
    assert!(!database.is_empty() && schema == "user", "{namespace}");
}

/// sqlx-tracing: `net.peer.port="5432"`, and other names of old conventions.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_those_of_today_and_a_port_is_a_number() {
    let service = Working::start(|pool, _| async move {
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    let tree = service.trace(&["SELECT numbers"]).await;
    conventions::check(&tree);
    let statement = span(&tree, "SELECT numbers");
    assert!(matches!(statement.attribute("server.port"), Some(Value::Int(port)) if *port > 0), "{statement:?}");
    let old = |name: &&String| {
        ["net.", "sql.", "otel.", "busy_ns", "idle_ns", "code."].iter().any(|old| name.starts_with(old))
    };
    assert_eq!(statement.attributes.iter().map(|(name, _)| name).find(old), None);
}

/// sqlx-otel: neither a version nor a schema; sqlx-tracing: those of another library.
#[tokio::test(flavor = "multi_thread")]
async fn the_scope_has_a_version_and_a_schema() {
    let receiver = testkit::Stub::start(stub::Behaviour::Answer(200, "application/x-protobuf", String::new())).await;
    let url = testkit::Database::new().await.url("user_service");
    let pool = PgPoolOptions::new().connect_lazy(&url).expect("a URL");
    let service = Working::sending_to(&receiver.url(), pool, |pool, _| async move {
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    service.request("01").await;
    service.flush().await;
    let traces = ExportTraceServiceRequest::decode(receiver.received()[0].bytes.as_slice()).expect("protobuf");
    let scopes: Vec<_> = traces.resource_spans.iter().flat_map(|resource| &resource.scope_spans).collect();
    assert!(!scopes.is_empty());
    for scope in scopes {
        assert!(scope.schema_url.starts_with("https://opentelemetry.io/schemas/1."), "{}", scope.schema_url);
        assert!(!scope.scope.as_ref().expect("a scope").version.is_empty());
    }
}

/// sqlx-otel and sqlx-tracing: no span.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_has_spans_for_its_beginning_and_its_end() {
    let service = Working::start(|pool, _| async move {
        let mut kept = pool.begin().await.expect("it begins");
        ONE.bind(1).execute(&mut kept).await.expect("it runs");
        kept.commit().await.expect("it is committed");
        pool.begin().await.expect("it begins").rollback().await.expect("it is undone");
        drop(pool.begin().await.expect("it begins"));
    })
    .await;
    let tree = service.trace(&["BEGIN", "SELECT numbers", "COMMIT", "BEGIN", "ROLLBACK", "BEGIN"]).await;
    conventions::check(&tree);
    let waits = |name: &str| span(&tree, name).attribute("db.client.connection.wait_time").is_some();
    assert!(waits("BEGIN") && !waits("SELECT numbers") && !waits("COMMIT") && !waits("ROLLBACK"));
}

/// sqlx-otel: 0, 5, 10 ... seconds, so that every statement is in the first bucket; sqlx-tracing: no metric.
#[tokio::test(flavor = "multi_thread")]
async fn durations_have_the_boundaries_of_the_conventions() {
    let service = Working::start(|pool, _| async move {
        NUMBERS.bind(1).execute(&pool).await.expect("it runs");
        ONE.bind(1).execute(&pool).await.expect("it runs");
    })
    .await;
    service.request("00").await;
    let metrics = service.metrics().await;
    let buckets = metrics.0.iter().filter(|sample| sample.name == "db_client_operation_duration_seconds_bucket");
    let boundaries: Vec<_> = buckets.map(|bucket| bucket.labels["le"].as_str()).collect();
    // One series: both statements have one summary.
    assert_eq!(boundaries, ["0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1.0", "5.0", "10.0", "+Inf"]);
    assert_eq!(metrics.sum("db_client_operation_duration_seconds_count", &[]), 2.0);
}
