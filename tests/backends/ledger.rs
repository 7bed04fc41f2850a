//! The account of spans that each service gives on `/metrics`.

use std::net::SocketAddr;

use testkit::Client;
use testkit::openmetrics::Exposition;

use crate::wait::until;

/// What has become of a service's spans.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    /// Sampled spans that have ended.
    pub ended: f64,
    /// Those that the receiver took.
    pub exported: f64,
    /// Those that were given up, or never sent.
    pub lost: f64,
    /// Those that wait.
    pub waiting: f64,
}

impl Ledger {
    /// What a service says now.
    pub async fn of(address: SocketAddr) -> Self {
        let metrics = Exposition::parse(&Client::new(address).get("/metrics").await.text);
        let sampled = [("otel_span_sampling_result", "RECORD_AND_SAMPLE")];
        let with_reason = |name: &str| -> f64 {
            let of_name = metrics.0.iter().filter(|sample| sample.name == name);
            of_name.filter(|sample| sample.labels.contains_key("error_type")).map(|sample| sample.value).sum()
        };
        let failed = with_reason("otel_sdk_exporter_span_exported_total");
        Self {
            ended: metrics.sum("otel_sdk_span_started_total", &sampled) - metrics.sum("otel_sdk_span_live", &sampled),
            exported: metrics.sum("otel_sdk_exporter_span_exported_total", &[]) - failed,
            lost: failed + with_reason("otel_sdk_processor_span_processed_total"),
            waiting: metrics.sum("otel_sdk_processor_span_queue_size", &[]),
        }
    }

    /// Whether every span is in one of its columns.
    pub fn is_exact(&self) -> bool {
        self.ended == self.exported + self.lost + self.waiting
    }
}

/// Waits until every service has got rid of every span, and has lost none.
pub async fn everything_is_exported(services: [SocketAddr; 3]) {
    for address in services {
        until("the spans leave", async || {
            let ledger = Ledger::of(address).await;
            assert!(ledger.is_exact() && ledger.lost == 0.0, "{ledger:?}");
            if ledger.waiting == 0.0 { Ok(()) } else { Err(format!("{ledger:?}")) }
        })
        .await;
    }
}
