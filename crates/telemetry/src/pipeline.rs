//! The tracer, its exporter, the metrics, and their orderly end.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::InstrumentationScope;

use crate::config::{BatchConfig, Config, ExporterKind, SignalConfig, SpoolConfig};
use crate::export::ledger::Ledger;
use crate::export::queue::Queue;
use crate::export::spool::slot::folder;
use crate::export::{
    Exporter, Exporters, NoAnswer, Outlet, Pace, Place, Readout, Signal, Source, TransportError, request, scope,
};
use crate::http_rules::HttpRules;
use crate::logs::Records;
use crate::metrics::{Exports, Metrics};
use crate::propagation::Propagators;
use crate::recording::Recorder;
use crate::sampling::Sampler;
use crate::{resource, semconv};

/// How long the end of a process waits for the last spans: a few exports, and short beside what its requests may take.
pub const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);
/// How long a flush waits: as long as a receiver under load may take for a whole queue.
const FLUSH_LIMIT: Duration = Duration::from_secs(10);

/// The telemetry of one service: cheap to clone, handed to every middleware.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service_name: String,
    personal_data: bool,
    propagators: Propagators,
    http_rules: HttpRules,
    tracing: Tracing,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
enum Tracing {
    Disabled,
    Enabled {
        recorder: Arc<Recorder>,
        exporter: Exporter,
        ledger: Arc<Ledger>,
        /// Where log records go; `None` where they go nowhere.
        logs: Option<Arc<Records>>,
    },
}

/// The pipeline could not be built.
#[derive(thiserror::Error)]
pub enum StartError {
    /// What sends, as the settings say it.
    #[error("the OTLP exporter of {signal} cannot be built: {source}")]
    Transport {
        /// `traces`, `metrics` or `logs`.
        signal: &'static str,
        /// What is wrong.
        source: TransportError,
    },
    /// The thread that sends.
    #[error("the exporter's thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Not everything arrived.
#[derive(Clone, Copy, thiserror::Error)]
pub enum FlushError {
    /// Some of it is still under way.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// Some of it is lost for good; the log says why.
    #[error("{0} records could not be delivered")]
    Lost(u64),
}

impl Telemetry {
    /// Starts the export on a thread of its own. No collector has to be there: nothing waits for one. The log says which settings
    /// have no effect.
    ///
    /// # Errors
    /// When the exporter cannot be built, for example with an endpoint that is no URL.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        for why in &config.ignored {
            tracing::warn!(why, "a setting has no effect");
        }
        let metrics = Arc::new(Metrics::new(config));
        let tracing = if config.disabled { Tracing::Disabled } else { enabled(config, &metrics)? };
        Ok(Self(Arc::new(Inner {
            service_name: config.service_name.clone(),
            personal_data: config.personal_data,
            propagators: Propagators::new(&config.propagators, config.baggage_keys.iter().cloned()),
            http_rules: HttpRules::new(config),
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
    pub(crate) fn recorder(&self) -> Option<&Arc<Recorder>> {
        match &self.0.tracing {
            Tracing::Disabled => None,
            Tracing::Enabled { recorder, .. } => Some(recorder),
        }
    }

    /// Where log records wait, if they are exported.
    pub(crate) fn log_records(&self) -> Option<&Arc<Records>> {
        match &self.0.tracing {
            Tracing::Disabled => None,
            Tracing::Enabled { logs, .. } => logs.as_ref(),
        }
    }

    /// Runs `work` as if in a request of this service, outside of any trace: log records that it makes are this service's.
    pub fn scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let _current = opentelemetry::Context::current_with_value(self.clone()).attach();
        work()
    }

    /// How the context of a request is read and written.
    pub(crate) fn propagators(&self) -> &Propagators {
        &self.0.propagators
    }

    /// What the middlewares of both HTTP sides follow.
    pub(crate) fn http_rules(&self) -> &HttpRules {
        &self.0.http_rules
    }

    /// Counts a span that was left out with its trace.
    pub(crate) fn left_out(&self, parent_is_remote: bool) {
        if let Tracing::Enabled { ledger, .. } = &self.0.tracing {
            ledger.left_out(parent_is_remote);
        }
    }

    pub(crate) fn personal_data(&self) -> bool {
        self.0.personal_data
    }

    /// Exports what has ended so far, and waits for the receiver's answer. Blocks; not for an async task. With a spool `Ok` means
    /// that all of it was taken or is on the disk, from where it may still be refused.
    ///
    /// # Errors
    /// When it is not answered for in time, or when something has been lost since the start, also for want of room, and also from the
    /// disk.
    pub fn flush(&self) -> Result<(), FlushError> {
        match &self.0.tracing {
            Tracing::Disabled => Ok(()),
            Tracing::Enabled { exporter, ledger, .. } => {
                exporter.flush(FLUSH_LIMIT)?;
                nothing_lost(ledger)
            }
        }
    }

    /// Exports the last spans and ends the pipeline, within [`SHUTDOWN_LIMIT`] and at most 2 s more for what a slow disk or machine
    /// takes, and says in the log what became of all of them. Blocks; not for an async task.
    ///
    /// # Errors
    /// As [`Self::flush`].
    pub fn shutdown(&self) -> Result<(), FlushError> {
        self.0.end()
    }
}

impl Inner {
    fn end(&self) -> Result<(), FlushError> {
        let Tracing::Enabled { recorder, exporter, ledger, .. } = &self.tracing else { return Ok(()) };
        // Who comes second has nothing to wait for, and nothing to report.
        let Some(answered) = exporter.end(SHUTDOWN_LIMIT) else { return nothing_lost(ledger) };
        // It has nothing left to do but to stop making spans.
        recorder.close();
        ledger.report();
        answered?;
        nothing_lost(ledger)
    }
}

impl Drop for Inner {
    /// A pipeline that is forgotten delivers what it has all the same.
    fn drop(&mut self) {
        // Nobody is left to be told but who reads the log.
        let _ = self.end();
    }
}

fn nothing_lost(ledger: &Ledger) -> Result<(), FlushError> {
    match ledger.lost() {
        0 => Ok(()),
        records => Err(FlushError::Lost(records)),
    }
}

fn enabled(config: &Config, metrics: &Arc<Metrics>) -> Result<Tracing, StartError> {
    let resource = resource::resource(config);
    let prefix = request::resource_prefix(&resource);
    let sampler = Sampler::new(config);
    let spans = Arc::new(Queue::new(config.span_batch));
    let logs = Arc::new(Queue::new(config.log_batch));
    let readings = Arc::default();
    let ledger = Ledger::new(Arc::clone(&spans), sampler.clone(), Arc::clone(&logs), Arc::clone(&readings));
    let ledger = Arc::new(ledger.with_spool(config.spool.as_ref()).with_exporters(Exporters::of(config)));
    metrics.observe(Arc::clone(&ledger) as _);
    let exports = Arc::new(Exports::new());
    metrics.observe(Arc::clone(&exports) as _);
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(semconv::SCHEMA_URL)
        .build();
    let mut outlets = Vec::new();
    let source = Source::Queue { queue: Arc::clone(&spans), resource: Arc::clone(&prefix) };
    let outlet_of_spans = outlet(Signal::Traces, &config.traces, source, pace(&config.traces, config.span_batch))?;
    outlets.extend(outlet_of_spans.map(|outlet| outlet.with_spool(place(config, Signal::Traces, &config.traces))));
    let source = Source::Queue { queue: Arc::clone(&logs), resource: Arc::clone(&prefix) };
    let outlet_of_logs = outlet(Signal::Logs, &config.logs, source, pace(&config.logs, config.log_batch))?;
    outlets.extend(outlet_of_logs.map(|outlet| outlet.with_spool(place(config, Signal::Logs, &config.logs))));
    let recorded = Arc::clone(metrics);
    let collect = Box::new(move |out: &mut Vec<u8>| recorded.otlp(&prefix, SystemTime::now(), out));
    // A later reading has all that an earlier one had: there is never a second one under way.
    let every = config.metric_interval;
    let patience = config.metric_timeout;
    let pace = Pace { every, concurrent: 1, attempt_limit: config.metrics.timeout, patience };
    let source = Source::Metrics(Readout::new(collect, readings));
    outlets.extend(outlet(Signal::Metrics, &config.metrics, source, pace)?);
    let queue = (config.traces.exporter != ExporterKind::None).then(|| (spans, scope::prefix(&scope).into()));
    let recorder = Recorder::new(sampler, config.span_limits, queue).with_personal_data(config.personal_data);
    let logs = (config.logs.exporter != ExporterKind::None).then(|| Arc::new(Records::new(logs, config.log_limits)));
    Ok(Tracing::Enabled { recorder: Arc::new(recorder), exporter: Exporter::start(outlets, &exports)?, ledger, logs })
}

fn outlet(signal: Signal, config: &SignalConfig, source: Source, pace: Pace) -> Result<Option<Outlet>, StartError> {
    if config.exporter == ExporterKind::None {
        return Ok(None);
    }
    let outlet = Outlet::new(signal, config, source, pace);
    outlet.map(Some).map_err(|source| StartError::Transport { signal: signal.name(), source })
}

/// Each service and signal has a folder of its own: a process sends what others of its service have left, and nobody else's.
fn place(config: &Config, signal: Signal, out: &SignalConfig) -> Option<Place> {
    // What is shown on standard output needs no receiver.
    if out.exporter != ExporterKind::Otlp {
        return None;
    }
    let SpoolConfig { directory, max_bytes } = config.spool.as_ref()?;
    let directory = directory.join(folder(&config.service_name)).join(signal.name());
    Some(Place::new(directory, *max_bytes))
}

fn pace(config: &SignalConfig, batch: BatchConfig) -> Pace {
    Pace {
        every: batch.schedule_delay,
        concurrent: batch.concurrent_exports,
        attempt_limit: config.timeout,
        patience: batch.export_timeout,
    }
}
