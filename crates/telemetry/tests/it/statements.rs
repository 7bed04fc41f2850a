//! CLIENT spans of SQL statements.

use otlp::tree::Value;

use crate::service::Running;

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_missing_is_no_error_and_a_statement_that_fails_is_one() {
    let service = Running::start("http://127.0.0.1").await;
    let below = "  test-service client SELECT numbers
  test-service client SELECT numbers
  test-service client SELECT numbers
  test-service client SELECT nothing [error: 42P01]";
    let tree = service.trace("/statements", below).await;
    testkit::conventions::check(&tree);
    let broken = tree.find("test-service", "SELECT nothing").expect("the statement's span");
    assert_eq!(broken.attribute("db.response.status_code").and_then(Value::as_str), Some("42P01"));
    assert_eq!(broken.status_message, "", "the server's message may repeat values");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_has_spans_for_its_beginning_and_its_end() {
    let service = Running::start("http://127.0.0.1").await;
    let below = "  test-service client BEGIN
  test-service client SELECT numbers
  test-service client COMMIT
  test-service client BEGIN
  test-service client ROLLBACK
  test-service client BEGIN";
    testkit::conventions::check(&service.trace("/transactions", below).await);
}
