//! What a service records as metrics: rate, errors and duration of requests, calls and statements.
//!
//! It is recorded once, without locks, and written twice: as OpenMetrics text for `/metrics`, and as an OTLP request. Both
//! are written from one snapshot of one table of names, so that they cannot differ. Names, units, attributes and boundaries
//! are those of the semantic conventions 1.42; attributes come from bounded sets only.

mod attributes;
mod descriptor;
mod exemplar;
mod exports;
mod gauge;
mod hash;
mod histogram;
mod keys;
mod pool;
mod request;
pub(crate) mod sdk;
mod series;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use attributes::Attributes;
pub(crate) use descriptor::Descriptor;
use descriptor::{DATABASE_BOUNDARIES, HTTP_BOUNDARIES};
use exemplar::Candidate;
pub(crate) use exemplar::Took;
pub(crate) use exports::{Export, Exports};
pub use gauge::Gauge;
use histogram::{Histogram, nanos};
pub(crate) use keys::{ActiveRequest, ClientRequest, DatabaseOperation, ServerRequest};
pub(crate) use pool::{Connections, PoolId, PoolMetrics};
use series::{Key, Series};
pub(crate) use snapshot::{Observe, Snapshot};

use crate::clock::Moment;
use crate::config::{Config, ExporterKind};

/// Everything that one service has recorded.
#[derive(Debug)]
pub struct Metrics {
    /// Nothing is recorded otherwise; what others count is written all the same.
    recorded: bool,
    exemplars: bool,
    /// When recording began, by both clocks.
    began: Moment,
    epoch: Duration,
    server_requests: Series<ServerRequest, Histogram>,
    active_requests: Series<ActiveRequest, AtomicI64>,
    client_requests: Series<ClientRequest, Histogram>,
    pools: Series<PoolId, Arc<PoolMetrics>>,
    observed: RwLock<Vec<Arc<dyn Observe>>>,
}

impl Metrics {
    /// The media type of [`Metrics::to_text`].
    pub const CONTENT_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Begins to record, as `config` says.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            recorded: config.metrics_recorded && !config.disabled,
            // An exemplar names a span, and there is none where spans go nowhere.
            exemplars: config.exemplars && config.traces.exporter != ExporterKind::None,
            began: Moment::now(),
            epoch: since_1970(SystemTime::now()),
            server_requests: Series::new(),
            active_requests: Series::new(),
            client_requests: Series::new(),
            pools: Series::new(),
            observed: RwLock::default(),
        }
    }

    /// Everything as OpenMetrics 1.0 text, ending with `# EOF`. Times are in seconds. Buckets of histograms have exemplars:
    /// the trace of one of their measurements.
    pub fn to_text(&self, service_name: &str, service_version: &str) -> String {
        let mut target = Attributes::default();
        target.add("service.name", service_name.to_owned());
        target.add("service.version", service_version.to_owned());
        text::write(&target, &self.snapshot().families, self.epoch)
    }

    /// Appends everything to `out` as an OTLP `ExportMetricsServiceRequest`, cumulative since recording began.
    ///
    /// `resource` is what stands in front of the scopes in `ResourceMetrics`, encoded: its fields 1, the resource, and 3,
    /// the schema's URL.
    ///
    /// # Returns
    /// How many points the request has.
    pub fn otlp(&self, resource: &[u8], now: SystemTime, out: &mut Vec<u8>) -> usize {
        request::append(out, resource, &self.snapshot().families, self.epoch, since_1970(now))
    }

    /// Asks `source` whenever metrics are written.
    pub(crate) fn observe(&self, source: Arc<dyn Observe>) {
        self.observed.write().unwrap_or_else(PoisonError::into_inner).push(source);
    }

    /// Whether anything is recorded but what became of the spans: what nobody measures needs no clock.
    pub(crate) fn recorded(&self) -> bool {
        self.recorded
    }

    pub(crate) fn server_request_begins(&self, request: ActiveRequest) {
        if self.recorded {
            self.active_requests.of(&request, AtomicI64::default).fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn server_request_ends(&self, request: &ServerRequest, took: Took<'_>) {
        if self.recorded {
            let active = ActiveRequest { method: request.method, scheme: request.scheme };
            self.active_requests.of(&active, AtomicI64::default).fetch_sub(1, Ordering::Relaxed);
            self.record(&self.server_requests, request, HTTP_BOUNDARIES, took);
        }
    }

    pub(crate) fn client_request_ends(&self, request: &ClientRequest, took: Took<'_>) {
        if self.recorded {
            self.record(&self.client_requests, request, HTTP_BOUNDARIES, took);
        }
    }

    /// The pool of this id, which is made where there is none yet; `None` where nothing is recorded.
    pub(crate) fn pool(&self, id: PoolId, connections: impl Fn() -> Weak<dyn Connections>) -> Option<Arc<PoolMetrics>> {
        let pool = || self.pools.of(&id, || Arc::new(PoolMetrics::new(connections(), self.exemplars)));
        self.recorded.then(|| Arc::clone(pool()))
    }

    /// Records what that pool does.
    pub(crate) fn recorder_of<'a>(&'a self, pool: &'a PoolMetrics) -> PoolRecorder<'a> {
        PoolRecorder { metrics: self, pool }
    }

    #[inline]
    fn record<K: Key>(&self, series: &Series<K, Histogram>, key: &K, boundaries: &'static [f64], took: Took<'_>) {
        let histogram = series.of(key, || Histogram::new(boundaries, self.exemplars));
        histogram.record_in(took.duration, self.candidate(took));
    }

    #[inline]
    fn candidate<'a>(&self, took: Took<'a>) -> Option<Candidate<'a>> {
        (self.exemplars && took.span.is_sampled())
            .then(|| Candidate { at_nanos: nanos(took.ended.since(self.began)), span: took.span })
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        if self.recorded {
            self.own(&mut snapshot);
        }
        for source in self.observed.read().unwrap_or_else(PoisonError::into_inner).iter() {
            source.observe(&mut snapshot);
        }
        snapshot.settle();
        snapshot
    }

    fn own(&self, snapshot: &mut Snapshot) {
        histograms(snapshot, &descriptor::SERVER_REQUESTS, &self.server_requests);
        snapshot.family(&descriptor::ACTIVE_REQUESTS);
        self.active_requests.visit(|attributes, active| {
            snapshot.number(&descriptor::ACTIVE_REQUESTS, attributes, active.load(Ordering::Relaxed));
        });
        histograms(snapshot, &descriptor::CLIENT_REQUESTS, &self.client_requests);
        PoolMetrics::families(snapshot);
        self.pools.visit(|_, pool| pool.observe(snapshot));
    }
}

/// Records what happens to one pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolRecorder<'a> {
    metrics: &'a Metrics,
    pool: &'a PoolMetrics,
}

impl PoolRecorder<'_> {
    pub(crate) fn operation_ends(self, operation: &DatabaseOperation, took: Took<'_>) {
        self.metrics.record(&self.pool.operations, operation, DATABASE_BOUNDARIES, took);
    }

    pub(crate) fn wait_begins(self) {
        self.pool.pending.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn wait_ends(self, took: Took<'_>) {
        self.pool.pending.fetch_sub(1, Ordering::Relaxed);
        self.pool.wait.record_in(took.duration, self.metrics.candidate(took));
    }

    /// A wait ended without a connection, because it took longer than the pool allows.
    pub(crate) fn timed_out(self) {
        self.pool.timeouts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn used(self, took: Took<'_>) {
        self.pool.used.record_in(took.duration, self.metrics.candidate(took));
    }
}

fn histograms<K: Key>(
    snapshot: &mut Snapshot,
    descriptor: &'static descriptor::Descriptor,
    series: &Series<K, Histogram>,
) {
    snapshot.family(descriptor);
    series.visit(|attributes, histogram| snapshot.histogram(descriptor, attributes, histogram));
}

/// A clock before 1970 counts as 1970.
fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
