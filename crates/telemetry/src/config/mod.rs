//! The settings, read from the environment by the names of the OpenTelemetry specification.
//!
//! Source: OpenTelemetry specification, "Environment Variable Specification", "General SDK Configuration" and "OTLP
//! Exporter Configuration".

mod batch;
mod endpoint;
mod headers;
mod ignored;
mod limits;
mod metrics;
mod names;
mod network;
mod otlp;
pub(crate) mod percent;
mod read;
mod requests;
mod resource;
mod sampler;
mod signal;
mod spool;
#[cfg(test)]
mod tests;
mod tls;
mod variables;

use std::time::Duration;

use crate::propagation::Propagator;

pub use network::Network;
pub use read::WrongSettings;
pub use signal::{BatchConfig, Compression, ExporterKind, Protocol, SignalConfig, Tls};
pub use spool::SpoolConfig;

/// How a process records and exports its telemetry.
#[derive(Clone, Debug)]
pub struct Config {
    /// `service.name` of the resource.
    pub service_name: String,
    /// `service.version` of the resource.
    pub service_version: String,
    /// Nothing is recorded at all (`OTEL_SDK_DISABLED`).
    pub disabled: bool,
    /// Further resource attributes (`OTEL_RESOURCE_ATTRIBUTES`, percent-decoded).
    pub resource_attributes: Vec<(String, String)>,
    /// Whether a trace that comes from elsewhere keeps the decision that was made there (`parentbased_`).
    pub parent_based_sampler: bool,
    /// What decides on a trace that begins here, and on any other one that does not keep its decision.
    pub root_sampler: RootSampler,
    /// Traces that begin here are not sampled while more spans a second than this are made; `None` is no limit.
    pub max_spans_per_second: Option<u32>,
    /// How much a span may hold.
    pub span_limits: SpanLimits,
    /// How much a log record may hold.
    pub log_limits: LogLimits,
    /// Where spans go.
    pub traces: SignalConfig,
    /// Where metrics go, besides `/metrics`.
    pub metrics: SignalConfig,
    /// Where log records go, besides standard error.
    pub logs: SignalConfig,
    /// How spans wait.
    pub span_batch: BatchConfig,
    /// How log records wait.
    pub log_batch: BatchConfig,
    /// Where spans and log records wait that cannot be delivered (`TELEMETRY_SPOOL_DIRECTORY`); `None` is nowhere.
    pub spool: Option<SpoolConfig>,
    /// Time between two exports of metrics.
    pub metric_interval: Duration,
    /// The longest that one export of metrics may take, with its retries.
    pub metric_timeout: Duration,
    /// Whether histograms keep the traces of some of their measurements (`OTEL_METRICS_EXEMPLAR_FILTER`).
    pub exemplars: bool,
    /// Whether metrics are recorded at all (`TELEMETRY_METRICS`): `/metrics` has only the ledger's otherwise.
    pub metrics_recorded: bool,
    /// How a trace travels between processes (`OTEL_PROPAGATORS`).
    pub propagators: Vec<Propagator>,
    /// Members of a caller's baggage that travel on, by key (`TELEMETRY_BAGGAGE_KEYS`); empty is none.
    pub baggage_keys: Vec<String>,
    /// Request methods that are recorded as they are; others are `_OTHER` (`OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`).
    pub known_methods: Vec<String>,
    /// Whether the queries of URLs are recorded, their sensitive values redacted (`TELEMETRY_URL_QUERY`).
    pub queries_recorded: bool,
    /// Peers whose word on the client's address counts (`TELEMETRY_TRUSTED_PEERS`); empty is nobody's.
    pub trusted_peers: Vec<Network>,
    /// Sentences on variables that are set and have no effect here, for the log.
    pub ignored: Vec<String>,
    /// `TELEMETRY_PII=plain`: keys that name people or are secrets may be in spans, log records, baggage and the resource.
    pub personal_data: bool,
}

/// The sampler of traces on which this process decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RootSampler {
    /// Every trace.
    AlwaysOn,
    /// No trace.
    AlwaysOff,
    /// This share of traces, from 0 to 1.
    Ratio(f64),
}

/// How much a span may hold; what is beyond is left out and counted in the span (`OTEL_SPAN_*_LIMIT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanLimits {
    /// Attributes of a span.
    pub attributes: u32,
    /// Events of a span.
    pub events: u32,
    /// Links of a span.
    pub links: u32,
    /// Attributes of one event.
    pub attributes_per_event: u32,
    /// Attributes of one link.
    pub attributes_per_link: u32,
    /// Characters of a text value; longer ones are cut. `None` is no limit.
    pub value_length: Option<usize>,
}

/// How much a log record may hold; what is beyond is left out and counted in the record (`OTEL_LOGRECORD_*_LIMIT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimits {
    /// Attributes of a record.
    pub attributes: u32,
    /// Characters of a text value; longer ones are cut. `None` is no limit.
    pub value_length: Option<usize>,
}

impl Default for LogLimits {
    /// The specification's defaults.
    fn default() -> Self {
        Self { attributes: 128, value_length: None }
    }
}

impl Default for SpanLimits {
    /// The specification's defaults.
    fn default() -> Self {
        Self {
            attributes: 128,
            events: 128,
            links: 128,
            attributes_per_event: 128,
            attributes_per_link: 128,
            value_length: None,
        }
    }
}
