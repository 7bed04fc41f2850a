//! What is counted of a pool of database connections, and of the statements that it carries.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "Database client metrics".

use std::fmt::Debug;
use std::sync::Weak;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::attributes::Attributes;
use super::descriptor::{self, DATABASE_BOUNDARIES, Descriptor};
use super::histogram::Histogram;
use super::keys::DatabaseOperation;
use super::series::{Key, Series};
use super::snapshot::Snapshot;

/// A pool, as metrics see it: who it is, and what it says of its connections when it is asked.
pub(crate) trait Connections: Debug + Send + Sync {
    /// `db.client.connection.pool.name`.
    fn name(&self) -> String;
    /// What every statement's metric says of the server.
    fn server(&self) -> Attributes;
    /// Connections that are open.
    fn open(&self) -> u32;
    /// Those of them that wait for a statement.
    fn idle(&self) -> u32;
    /// How many may be open.
    fn most(&self) -> u32;
}

/// Which pool of the process: pools are told apart by number, because their names need not differ.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct PoolId(pub(crate) u64);

/// One pool's counts.
#[derive(Debug)]
pub(crate) struct PoolMetrics {
    connections: Weak<dyn Connections>,
    name: String,
    server: Attributes,
    pub(super) operations: Series<DatabaseOperation, Histogram>,
    pub(super) wait: Histogram,
    pub(super) used: Histogram,
    pub(super) pending: AtomicI64,
    pub(super) timeouts: AtomicU64,
}

impl PoolMetrics {
    /// For this pool. Its counts stay when it is gone; what its connections do is asked only as long as it is there.
    pub(super) fn new(connections: Weak<dyn Connections>, exemplars: bool) -> Self {
        let pool = connections.upgrade();
        Self {
            name: pool.as_ref().map(|pool| pool.name()).unwrap_or_default(),
            server: pool.map(|pool| pool.server()).unwrap_or_default(),
            connections,
            operations: Series::new(),
            wait: Histogram::new(DATABASE_BOUNDARIES, exemplars),
            used: Histogram::new(DATABASE_BOUNDARIES, exemplars),
            pending: AtomicI64::new(0),
            timeouts: AtomicU64::new(0),
        }
    }

    /// Adds every metric of a pool without a value, for a service that has none.
    pub(super) fn families(snapshot: &mut Snapshot) {
        let all: [&'static Descriptor; 7] = [
            &descriptor::DATABASE_OPERATIONS,
            &descriptor::CONNECTIONS,
            &descriptor::MOST_CONNECTIONS,
            &descriptor::PENDING_REQUESTS,
            &descriptor::CONNECTION_TIMEOUTS,
            &descriptor::CONNECTION_WAIT,
            &descriptor::CONNECTION_USE,
        ];
        all.into_iter().for_each(|descriptor| snapshot.family(descriptor));
    }

    pub(super) fn observe(&self, snapshot: &mut Snapshot) {
        self.operations.visit(|own, histogram| {
            snapshot.histogram(&descriptor::DATABASE_OPERATIONS, self.server.with(own), histogram);
        });
        let name = || Attributes::from([("db.client.connection.pool.name", self.name.clone().into())]);
        if let Some(pool) = self.connections.upgrade() {
            let (open, idle) = (pool.open(), pool.idle());
            // The two are not read at one moment.
            for (state, count) in [("idle", idle.min(open)), ("used", open.saturating_sub(idle))] {
                let state = Attributes::from([("db.client.connection.state", state.into())]);
                snapshot.number(&descriptor::CONNECTIONS, name().with(state), count);
            }
            snapshot.number(&descriptor::MOST_CONNECTIONS, name(), pool.most());
        }
        snapshot.number(&descriptor::PENDING_REQUESTS, name(), self.pending.load(Ordering::Relaxed));
        snapshot.number(&descriptor::CONNECTION_TIMEOUTS, name(), self.timeouts.load(Ordering::Relaxed));
        snapshot.histogram(&descriptor::CONNECTION_WAIT, name(), &self.wait);
        snapshot.histogram(&descriptor::CONNECTION_USE, name(), &self.used);
    }
}

impl Key for PoolId {
    fn attributes(&self) -> Attributes {
        Attributes::default()
    }
}
