//! Nothing that leaves the process says who somebody is, or what they know: every byte is read, of a real process that has
//! been given a secret by every way there is.

mod said;
mod service;

use said::{SPOOLED, Said, of, said_by};

const NAME: &str = "Canary Nightingale";
const EMAIL: &str = "canary-email@example.com";
/// A secret that a handler gives away under a key that says so.
const KEY: &str = "canary-key";
/// What is never to be seen, whatever the settings are.
const SECRETS: [&str; 9] = [
    "canary-token",
    "canary-password",
    "canary-query",
    "canary-panic",
    "canary-value",
    "canary-state",
    "canary-baggage",
    "canary-cookie",
    "canary-body",
];

/// Holds all that was said against the secrets, and that it was said at all.
fn nothing_private_is_in(said: &Said, how: &[(&str, &str)]) {
    let sent = if how.contains(&SPOOLED) { &said.files } else { &said.requests };
    let (traces, logs) = (of("traces", sent), of("logs", sent));
    assert!(traces.contains("GET /person") && traces.contains("person seen"), "{how:?}: {traces}");
    assert!(logs.contains("a thread panicked") && logs.contains("SQLSTATE 22P02"), "{how:?}: {logs}");
    assert!(logs.contains("person logged") && said.stderr.contains("person logged"), "{how:?}: {logs}");
    assert!(of("metrics", &said.requests).contains("http.server.request.duration"), "{how:?}");
    assert!(said.stderr.contains("a thread panicked") && said.metrics.contains("/person"), "{}", said.stderr);
    assert!(said.headers.contains("traceparent"), "{}", said.headers);
    for (place, text) in said.all() {
        for secret in SECRETS.into_iter().chain([NAME, EMAIL, KEY, "Nightingale", "user.email", "anary"]) {
            assert!(!text.contains(secret), "{secret} is in {place} ({how:?}): {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_that_leaves_the_process_has_a_secret_or_says_who_somebody_is() {
    for protocol in ["http/protobuf", "grpc"] {
        for compression in ["none", "gzip"] {
            let how = [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_COMPRESSION", compression)];
            nothing_private_is_in(&said_by(&how).await, &how);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_on_the_disk_has_a_secret_or_says_who_somebody_is() {
    let how = [SPOOLED, ("OTEL_BLRP_EXPORT_TIMEOUT", "1")];
    nothing_private_is_in(&said_by(&how).await, &how);
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_that_are_recorded_are_without_their_secrets() {
    let how = [("TELEMETRY_URL_QUERY", "redacted")];
    let said = said_by(&how).await;
    nothing_private_is_in(&said, &how);
    let traces = of("traces", &said.requests);
    for query in ["secret=REDACTED&email=REDACTED&Signature=REDACTED&page=7", "?token=REDACTED&sig=REDACTED&page=7"] {
        assert!(traces.contains(query), "{query}: {traces}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_private_key_is_recorded_for_who_asks_for_it_and_no_other_secret_is() {
    let said = said_by(&[("TELEMETRY_PII", "plain")]).await;
    let traces = of("traces", &said.requests);
    assert!([NAME, EMAIL, KEY].into_iter().all(|private| traces.contains(private)), "{traces}");
    for text in [&of("logs", &said.requests), &said.stderr] {
        assert!(text.contains(EMAIL) && text.contains(KEY), "{text}");
    }
    for (place, text) in said.all() {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {place}: {text}");
        }
        assert!(place == "traces" || !text.contains(NAME), "{NAME} is in {place}: {text}");
    }
}
