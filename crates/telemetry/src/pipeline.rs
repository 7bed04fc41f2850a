//! The tracer, its exporter, the metrics, and their orderly end.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider};

use crate::config::{Config, RootSampler};
use crate::delivery::{Counted, Delivery, Noted};
use crate::metrics::Metrics;
use crate::propagation::Propagators;
use crate::transport::{Transport, TransportError};
use crate::{resource, semconv};

/// How long one export may take: shorter than [`SHUTDOWN_LIMIT`], so that a collector that never answers cannot hold the last batch's turn.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long the end of a process waits for the last spans: a few exports, and short beside what its requests may take.
pub const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);

/// The telemetry of one service: cheap to clone, handed to every middleware.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service_name: String,
    personal_data: bool,
    propagators: Propagators,
    tracing: Tracing,
    metrics: Metrics,
}

#[derive(Debug)]
enum Tracing {
    Disabled,
    Enabled { provider: SdkTracerProvider, tracer: SdkTracer },
}

/// The pipeline could not be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The exporter.
    #[error("the OTLP exporter cannot be built: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Its HTTP client.
    #[error("the OTLP exporter's HTTP client cannot be built: {0}")]
    Transport(#[from] TransportError),
}

impl Telemetry {
    /// Starts the export on a thread of its own. No collector has to be there: nothing waits for one.
    ///
    /// # Errors
    /// When the exporter cannot be built, for example with an endpoint that is no URL.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let metrics = Metrics::new(config);
        let tracing = if config.disabled { Tracing::Disabled } else { enabled(config, metrics.delivery())? };
        Ok(Self(Arc::new(Inner {
            service_name: config.service_name.clone(),
            personal_data: config.personal_data,
            propagators: Propagators::default(),
            tracing,
            metrics,
        })))
    }

    /// `service.name`.
    pub fn service_name(&self) -> &str {
        &self.0.service_name
    }

    /// What this service has recorded as metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// `None` when telemetry is disabled: the middlewares then pass everything through.
    pub(crate) fn tracer(&self) -> Option<&SdkTracer> {
        match &self.0.tracing {
            Tracing::Disabled => None,
            Tracing::Enabled { tracer, .. } => Some(tracer),
        }
    }

    /// How the context of a request is read and written.
    pub(crate) fn propagators(&self) -> &Propagators {
        &self.0.propagators
    }

    pub(crate) fn personal_data(&self) -> bool {
        self.0.personal_data
    }

    /// Exports what has ended so far. Blocks; not for an async task.
    ///
    /// # Errors
    /// A sentence when the spans could not be handed over in time.
    pub fn flush(&self) -> Result<(), String> {
        match &self.0.tracing {
            Tracing::Disabled => Ok(()),
            Tracing::Enabled { provider, .. } => provider.force_flush().map_err(|error| error.to_string()),
        }
    }

    /// Exports the last spans and ends the pipeline, within [`SHUTDOWN_LIMIT`]. Blocks; not for an async task.
    ///
    /// # Errors
    /// A sentence when the spans could not be handed over in time.
    pub fn shutdown(&self) -> Result<(), String> {
        match &self.0.tracing {
            Tracing::Disabled => Ok(()),
            Tracing::Enabled { provider, .. } => {
                let result = provider.shutdown_with_timeout(SHUTDOWN_LIMIT).map_err(|error| error.to_string());
                self.0.metrics.delivery().report();
                result
            }
        }
    }
}

fn enabled(config: &Config, delivery: &Arc<Delivery>) -> Result<Tracing, StartError> {
    // OTLP over HTTP with a blocking client, on the processor's own thread: it works under every runtime, also while
    // the main thread's runtime is blocked at shutdown, which the gRPC exporter does not.
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(&config.traces.endpoint)
        .with_timeout(EXPORT_TIMEOUT)
        .with_http_client(Transport::new(EXPORT_TIMEOUT, Arc::clone(delivery))?)
        .build()?;
    let batch = BatchConfigBuilder::default()
        .with_max_queue_size(config.span_batch.queue_records)
        .with_max_export_batch_size(config.span_batch.batch_records)
        .with_scheduled_delay(config.span_batch.schedule_delay)
        .build();
    let exporter = Noted { exporter, delivery: Arc::clone(delivery) };
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batch).build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Counted {
            processor,
            delivery: Arc::clone(delivery),
            room: config.span_batch.queue_records as u64,
        })
        .with_sampler(sampler(config))
        .with_resource(resource::resource(config))
        .build();
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(semconv::SCHEMA_URL)
        .build();
    let tracer = provider.tracer_with_scope(scope);
    Ok(Tracing::Enabled { provider, tracer })
}

/// The whole sampler: a parent's decision first, [`Config::root_sampler`] for traces that begin here.
fn sampler(config: &Config) -> Sampler {
    Sampler::ParentBased(Box::new(match config.root_sampler {
        RootSampler::AlwaysOn => Sampler::AlwaysOn,
        RootSampler::AlwaysOff => Sampler::AlwaysOff,
        RootSampler::Ratio(ratio) => Sampler::TraceIdRatioBased(ratio),
    }))
}
