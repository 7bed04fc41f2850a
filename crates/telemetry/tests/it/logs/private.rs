//! Fields that name a person or are secrets.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use serde_json::Value;

use super::lines::Lines;
use super::{attributes, flush, receiver, records, start};

/// What must not even be formatted where it is left out.
struct Untold;

impl std::fmt::Debug for Untold {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("nobody asks for it");
    }
}

#[tokio::test]
async fn private_fields_are_in_no_line_and_no_record_unless_they_may_be_plain() {
    let receiver = receiver().await;
    let (private, plain) = (start(&receiver.url(), &[]), start(&receiver.url(), &[("TELEMETRY_PII", "plain")]));
    let (lines, _log) = Lines::start("info");
    private.scope(|| tracing::info!(user.email = "a@b.c", access_token = ?Untold, user.id = 7, "left out"));
    let line = lines.last();
    assert_eq!((&line["user.email"], &line["access_token"], &line["user.id"]), (&Value::Null, &Value::Null, &7.into()));
    plain.scope(|| tracing::info!(user.email = "a@b.c", access_token = ?"t", "told"));
    let line = lines.last();
    assert_eq!((&line["user.email"], &line["access_token"]), (&"a@b.c".into(), &"\"t\"".into()));
    tracing::info!(user.email = "a@b.c", "of no telemetry");
    assert_eq!(lines.last()["user.email"], Value::Null);
    flush(&private).await;
    flush(&plain).await;
    let records = records(&receiver.received());
    let of_all: Vec<_> = records.iter().map(attributes).collect();
    let (email, token) = (Any::StringValue("a@b.c".to_owned()), Any::StringValue("\"t\"".to_owned()));
    let told = vec![("user.email", &email), ("access_token", &token)];
    assert_eq!(of_all, [vec![("user.id", &Any::IntValue(7))], told]);
}
