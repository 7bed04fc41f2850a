//! Where one signal goes, and how its records wait.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where one signal (traces, metrics, logs) goes. Its debug form shows no header's value and no query: tokens stand there.
#[derive(Clone)]
pub struct SignalConfig {
    /// `OTEL_TRACES_EXPORTER` and its like.
    pub exporter: ExporterKind,
    /// `OTEL_EXPORTER_OTLP_PROTOCOL`.
    pub protocol: Protocol,
    /// Where to: with [`Protocol::HttpProtobuf`] the whole URL with the signal's path, with [`Protocol::Grpc`] scheme,
    /// host and port.
    pub endpoint: String,
    /// Headers of each request, or gRPC metadata.
    pub headers: Vec<(String, String)>,
    /// The longest that one export may take.
    pub timeout: Duration,
    /// Whether request bodies are compressed.
    pub compression: Compression,
    /// Certificates for `https` endpoints.
    pub tls: Tls,
}

impl fmt::Debug for SignalConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SignalConfig")
            .field("exporter", &self.exporter)
            .field("protocol", &self.protocol)
            .field("endpoint", &self.endpoint.split('?').next().unwrap_or_default())
            .field("headers", &names)
            .field("timeout", &self.timeout)
            .field("compression", &self.compression)
            .field("tls", &self.tls)
            .finish()
    }
}

/// What is done with a signal's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExporterKind {
    /// Nothing is exported. Spans are not recorded then, though the trace's context travels on.
    None,
    /// OTLP to [`SignalConfig::endpoint`].
    Otlp,
    /// Readable lines on standard output, for looking at by hand.
    Console,
}

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Protobuf in HTTP POST requests.
    HttpProtobuf,
    /// gRPC.
    Grpc,
}

/// `OTEL_EXPORTER_OTLP_COMPRESSION`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    None,
    /// gzip.
    Gzip,
}

/// Files in PEM form; without any, the certificates that this machine trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whom to trust.
    pub certificate: Option<PathBuf>,
    /// Who this process is, for mutual TLS.
    pub client_certificate: Option<PathBuf>,
    /// The key to it.
    pub client_key: Option<PathBuf>,
}

/// How records of a signal wait for their export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchConfig {
    /// Records that may wait, in flight included; more are dropped and counted.
    pub queue_records: usize,
    /// Records in one export.
    pub batch_records: usize,
    /// Longest wait between two exports.
    pub schedule_delay: Duration,
    /// The longest that one batch may be under way, with its retries.
    pub export_timeout: Duration,
    /// Batches that may be under way at the same time.
    pub concurrent_exports: usize,
}
