//! How one request gets to the receiver and its answer back: OTLP over HTTP and over gRPC, with one client for both.
//!
//! Source: OTLP specification 1.7, "OTLP/HTTP" and "OTLP/gRPC"; gRPC over HTTP/2.

mod answer;
mod grpc;
mod tls;

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, TE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{HttpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use super::console;
use super::failure::Failure;
use super::pieces::Pieces;
use crate::config::{Compression, ExporterKind, Protocol, SignalConfig};

pub(crate) use answer::Accepted;
pub use tls::TlsError;

/// How long a connection may take to be there: the receiver is near by, or not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read: a partial success and its reason are some hundred.
const ANSWER_BYTES: usize = 64 << 10;
/// How long an idle connection is kept: longer than the default time between two exports, shorter than receivers keep it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }

    /// `otel.component.type` of what exports it, as the SDK-metrics convention has it for OTLP.
    pub(crate) fn component(self, config: &SignalConfig) -> &'static str {
        match (config.exporter, config.protocol, self) {
            (ExporterKind::None, ..) => "none_exporter",
            (ExporterKind::Console, ..) => "console_exporter",
            (_, Protocol::HttpProtobuf, Self::Traces) => "otlp_http_span_exporter",
            (_, Protocol::HttpProtobuf, Self::Metrics) => "otlp_http_metric_exporter",
            (_, Protocol::HttpProtobuf, Self::Logs) => "otlp_http_log_exporter",
            (_, Protocol::Grpc, Self::Traces) => "otlp_grpc_span_exporter",
            (_, Protocol::Grpc, Self::Metrics) => "otlp_grpc_metric_exporter",
            (_, Protocol::Grpc, Self::Logs) => "otlp_grpc_log_exporter",
        }
    }

    fn grpc_path(self) -> &'static str {
        match self {
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Self::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }
}

/// The settings do not make a client.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Of this signal.
    #[error("{0} is not the URL of a receiver")]
    Endpoint(String),
    /// A certificate or a key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A header's name or value.
    #[error("{0} cannot be a header")]
    Header(String),
}

/// A client for one signal. It has no debug form: tokens are among its headers.
pub(crate) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Pieces>,
    uri: Uri,
    headers: HeaderMap,
    protocol: Protocol,
    compression: Compression,
    /// Requests are shown and not sent.
    shown: Option<Signal>,
    component: &'static str,
}

impl Transport {
    pub(crate) fn new(signal: Signal, config: &SignalConfig) -> Result<Self, TransportError> {
        let grpc = config.protocol == Protocol::Grpc;
        let url = if grpc {
            format!("{}{}", config.endpoint.trim_end_matches('/'), signal.grpc_path())
        } else {
            config.endpoint.clone()
        };
        let uri = url.parse::<Uri>().ok().filter(|uri| uri.host().is_some() && uri.scheme().is_some());
        let uri = uri.ok_or(TransportError::Endpoint(url))?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .http2_only(grpc)
            .build(tls::connector(&uri, &config.tls, grpc, tcp)?);
        let (headers, component) = (headers(config)?, signal.component(config));
        if config.exporter == ExporterKind::Console {
            // What is shown has no frame, and is not compressed.
            let (protocol, compression) = (Protocol::HttpProtobuf, Compression::None);
            return Ok(Self { client, uri, headers, protocol, compression, shown: Some(signal), component });
        }
        let (protocol, compression) = (config.protocol, config.compression);
        Ok(Self { client, uri, headers, protocol, compression, shown: None, component })
    }

    /// `otel.component.type`.
    pub(crate) fn component(&self) -> &'static str {
        self.component
    }

    /// Compresses and frames a request.
    pub(crate) fn prepare(&self, mut request: Pieces) -> std::io::Result<Pieces> {
        let compressed = self.compression == Compression::Gzip;
        if compressed {
            let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
            request.iter().try_for_each(|piece| encoder.write_all(piece))?;
            request = encoder.finish()?.into();
        }
        if self.protocol == Protocol::Grpc {
            let frame = grpc::frame(request.len(), compressed);
            request.begin_with(Bytes::copy_from_slice(&frame));
        }
        Ok(request)
    }

    /// One attempt, which ends within `limit`.
    pub(crate) async fn send(&self, body: Pieces, limit: Duration) -> Result<Accepted, Failure> {
        if let Some(signal) = self.shown {
            console::write(signal, &body.to_vec());
            return Ok(Accepted::default());
        }
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        let connection = capture_connection(&mut request);
        let answer = timeout(limit, self.answer(request)).await;
        answer.unwrap_or_else(|_| {
            // Without a connection nothing of it was sent: it may be sent again. Where one that had been closed was tried first this
            // is not known: rather lost, and counted, than there twice.
            let was_sent = connection.connection_metadata().is_some();
            Err(if was_sent { Failure::timeout(limit) } else { Failure::unconnected(limit) })
        })
    }

    async fn answer(&self, request: Request<Pieces>) -> Result<Accepted, Failure> {
        let response = self.client.request(request).await.map_err(|error| unanswered(&error))?;
        let (head, body) = response.into_parts();
        let body = match Limited::new(body, ANSWER_BYTES).collect().await {
            Ok(body) => body,
            // It said that it took the request, and has done so for all that can be known: not tried again.
            Err(error) if head.status.is_success() => {
                return Err(Failure::bad_answer(format!("the answer broke off: {error}")));
            }
            // What it refuses, it refuses by its status alone.
            Err(_) => return answer::http(&head, &[]),
        };
        match self.protocol {
            Protocol::HttpProtobuf => answer::http(&head, &body.to_bytes()),
            Protocol::Grpc => {
                let trailers = body.trailers().cloned().unwrap_or_default();
                grpc::answer(&head, &trailers, &body.to_bytes())
            }
        }
    }
}

/// Whether nobody was there, or what answered does not speak HTTP.
fn unanswered(error: &hyper_util::client::legacy::Error) -> Failure {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    let mut garbage = false;
    while let Some(error) = source {
        garbage |= error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
        reason = format!("{reason}: {error}");
        source = error.source();
    }
    if garbage { Failure::bad_answer(reason) } else { Failure::connection(reason) }
}

fn headers(config: &SignalConfig) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::new();
    let agent = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    let gzip = config.compression == Compression::Gzip;
    match config.protocol {
        Protocol::HttpProtobuf => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
            if gzip {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
        }
        Protocol::Grpc => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
            headers.insert(TE, HeaderValue::from_static("trailers"));
            if gzip {
                headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
            }
        }
    }
    for (name, value) in &config.headers {
        let parsed = (name.parse::<HeaderName>(), value.parse::<HeaderValue>());
        // The value may be a secret, and is not shown, nor kept in a connection's table of headers.
        let (Ok(name), Ok(mut value)) = parsed else { return Err(TransportError::Header(name.clone())) };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::headers;
    use crate::Config;

    #[test]
    fn headers_of_the_settings_are_sent_and_shown_nowhere() {
        let lookup = |name: &str| {
            (name == "OTEL_EXPORTER_OTLP_HEADERS").then(|| "authorization=Bearer%20canary,x-a=b".to_owned())
        };
        let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
        let headers = headers(&config.traces).expect("they are headers");
        assert_eq!(headers["authorization"], "Bearer canary");
        assert!(headers["authorization"].is_sensitive() && headers["x-a"].is_sensitive());
        assert!(!headers["content-type"].is_sensitive());
        assert!(!format!("{headers:?}").contains("canary"), "{headers:?}");
    }
}
