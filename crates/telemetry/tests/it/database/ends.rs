//! How a statement ends that does not end well.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use telemetry::database::within;
use testkit::{conventions, stub};

use super::service::{ENDLESS, ONE, Working, span, text};

const OPERATIONS: &str = "db_client_operation_duration_seconds_count";

/// Polls a future once, which is not enough for it.
async fn begun<F: Future>(mut future: Pin<&mut F>) {
    let pending = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await;
    assert!(pending, "it has ended already");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_its_caller_gives_up_is_cancelled_and_no_failure() {
    let service = Working::start(|pool, _| async move {
        // The connection is there, so that it is the statement that is given up.
        let mut transaction = pool.begin().await.expect("it begins");
        let mut endless = Box::pin(ENDLESS.unbound().execute(&mut transaction));
        begun(endless.as_mut()).await;
    })
    .await;
    let tree = service.trace(&["BEGIN", "SELECT patience"]).await;
    let statement = span(&tree, "SELECT patience");
    assert_eq!(text(statement, "error.type"), Some("cancelled"));
    assert!(!statement.is_error());
    assert_eq!(service.metrics().await.sum(OPERATIONS, &[("error_type", "cancelled")]), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_a_limit_ends_is_a_timeout_and_a_failure() {
    let service = Working::start(|pool, _| async move {
        let mut transaction = pool.begin().await.expect("it begins");
        let limit = Duration::from_millis(1);
        within(limit, ENDLESS.unbound().execute(&mut transaction)).await.expect_err("it takes longer");
        // The limit of one statement is not that of the next.
        let mut other = Box::pin(ENDLESS.unbound().execute(&pool));
        begun(other.as_mut()).await;
    })
    .await;
    let tree = service.trace(&["BEGIN", "SELECT patience [error: timeout]", "SELECT patience"]).await;
    assert!(tree.nodes.iter().any(|node| text(node, "error.type") == Some("cancelled")));
    let metrics = service.metrics().await;
    assert_eq!(metrics.sum(OPERATIONS, &[("error_type", "timeout")]), 1.0);
    assert_eq!(metrics.sum("db_client_connection_pending_requests", &[]), 0.0, "the wait that was given up is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_gets_no_connection_has_a_span_of_its_wait() {
    // Long enough for a new connection, most of the time, and short enough to be waited for.
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(300));
    let service = Working::with(options, |pool, _| async move {
        // On a busy machine the first connection may take longer than the pool's patience.
        let held = loop {
            if let Ok(held) = pool.unobserved().acquire().await {
                break held;
            }
        };
        ONE.bind(1).execute(&pool).await.expect_err("there is no connection left");
        drop(held);
    })
    .await;
    let tree = service.trace(&["SELECT numbers [error: connection_unavailable]"]).await;
    conventions::check(&tree);
    let metrics = service.metrics().await;
    assert_eq!(metrics.sum("db_client_connection_timeouts_total", &[]), 1.0);
    assert_eq!(metrics.sum("db_client_connection_wait_time_seconds_count", &[]), 1.0);
    assert_eq!(metrics.sum("db_client_connection_use_time_seconds_count", &[]), 0.0);
    assert_eq!(metrics.sum(OPERATIONS, &[("error_type", "connection_unavailable")]), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_told_from_one_that_was_lost() {
    let address = stub::nobody().replace("http://", "");
    let url = format!("postgres://nobody:nothing@{address}/nowhere");
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_millis(50)).connect_lazy(&url).expect("a URL");
    let service = Working::on(pool, |pool, _| async move {
        pool.begin().await.expect_err("nobody listens");
    })
    .await;
    let tree = service.trace(&["BEGIN [error: connection_unavailable]"]).await;
    assert_eq!(text(span(&tree, "BEGIN"), "db.namespace"), Some("nowhere|user"));
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_a_request_statements_just_run() {
    let url = testkit::Database::new().await.url("user_service");
    let pool = telemetry::database::Pool::new(PgPoolOptions::new().connect_lazy(&url).expect("a URL"), "user");
    assert_eq!(ONE.bind(1).fetch_scalar::<i32>(&pool).await.expect("it runs"), 1);
    let mut transaction = pool.begin().await.expect("it begins");
    assert_eq!(ONE.bind(1).fetch_scalar::<i32>(&mut transaction).await.expect("it runs"), 1);
    transaction.commit().await.expect("it is committed");
}
