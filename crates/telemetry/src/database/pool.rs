//! The pool, and what its spans and metrics say of the server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use sqlx::pool::PoolConnection;
use sqlx::{Error, PgPool, Postgres};

use super::Transaction;
use crate::metrics::{Attributes, Connections, PoolId, PoolMetrics};
use crate::pipeline::Telemetry;
use crate::recording::Recording;

/// How backends that draw a service graph name this node, whatever its address.
const PEER_SERVICE: &str = "postgresql";

/// A sqlx pool whose statements are observed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: PoolId,
    pool: PgPool,
    server: Server,
}

/// Whom statements are sent to.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) namespace: Arc<str>,
    pub(super) address: Arc<str>,
    pub(super) port: u16,
}

/// No connection could be made: nothing was sent. It comes inside of [`sqlx::Error::AnyDriverError`].
#[derive(Debug, thiserror::Error)]
#[error("no connection: {0}")]
pub struct NotConnected(#[source] Error);

impl Pool {
    /// Observes `pool`. `schema` is the second half of `db.namespace`, after the database's name; empty for none.
    pub fn new(pool: PgPool, schema: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let options = pool.connect_options();
        // The server takes the user's name where no database is named.
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        let namespace = if schema.is_empty() { database.to_owned() } else { format!("{database}|{schema}") };
        let (address, port) = (options.get_host().into(), options.get_port());
        let server = Server { namespace: namespace.into(), address, port };
        Self(Arc::new(Inner { id: PoolId(NEXT.fetch_add(1, Ordering::Relaxed)), pool, server }))
    }

    /// Shows the pool's connections in the metrics of `telemetry` from now on. Without this it happens with the first
    /// statement of a request.
    pub fn counted_by(&self, telemetry: &Telemetry) {
        let _ = self.counted(telemetry);
    }

    /// The pool itself, for what shall not be observed: migrations and readiness.
    pub fn unobserved(&self) -> &PgPool {
        &self.0.pool
    }

    /// Begins a transaction: a `BEGIN` span of its own.
    ///
    /// # Errors
    /// What sqlx says: no connection in time, or the server refused.
    pub async fn begin(&self) -> Result<Transaction, Error> {
        Transaction::begin(self).await
    }

    /// Which of the process's pools it is.
    pub(super) fn id(&self) -> u64 {
        self.0.id.0
    }

    pub(super) fn server(&self) -> &Server {
        &self.0.server
    }

    /// Where the pool is counted; `None` where metrics are off.
    pub(super) fn counted(&self, telemetry: &Telemetry) -> Option<Arc<PoolMetrics>> {
        let connections = || Arc::downgrade(&self.0) as Weak<dyn Connections>;
        telemetry.metrics().pool(self.0.id, connections)
    }

    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        // Boxed, because it has kilobytes, which every future around it would have as well, and copy; and made inside of the box,
        // because it would be copied there otherwise.
        Box::pin(async { self.0.pool.acquire().await }).await.map_err(|error| match error {
            // Told apart from the same errors of a statement, which may have been done.
            Error::Io(_) | Error::Tls(_) | Error::Protocol(_) => Error::AnyDriverError(Box::new(NotConnected(error))),
            error => error,
        })
    }
}

impl Server {
    /// Adds what all statements say of the server.
    pub(super) fn describe(&self, span: &mut Recording) {
        span.text("db.system.name", "postgresql");
        span.text("db.namespace", &self.namespace);
        span.text("server.address", &self.address);
        span.number("server.port", self.port);
        span.text("peer.service", PEER_SERVICE);
    }
}

impl Connections for Inner {
    /// As the conventions have it for pools without a name of their own.
    fn name(&self) -> String {
        let Server { namespace, address, port, .. } = &self.server;
        format!("{address}:{port}/{namespace}")
    }

    fn server(&self) -> Attributes {
        Attributes::from([
            ("db.system.name", "postgresql".into()),
            ("db.namespace", (&self.server.namespace).into()),
            ("server.address", (&self.server.address).into()),
            ("server.port", self.server.port.into()),
        ])
    }

    fn open(&self) -> u32 {
        self.pool.size()
    }

    fn idle(&self) -> u32 {
        u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX)
    }

    fn most(&self) -> u32 {
        self.pool.options().get_max_connections()
    }
}
