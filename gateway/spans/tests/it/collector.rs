//! A collector that keeps what it takes, and gateway-spans in front of it.

use crate::stub::{Reply, Request, Stub};
use crate::wait;
use gateway_spans::{Config, Counts, Server};
use otlp::{TraceId, TraceTree, walk};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A stub that answers exports as the OTLP specification says.
pub struct Collector {
    stub: Stub,
}

impl Collector {
    /// Takes everything.
    pub fn start() -> Self {
        Self::answering(SocketAddr::from(([127, 0, 0, 1], 0)), |_| taken())
    }

    /// Takes everything, at this address.
    pub fn start_at(address: SocketAddr) -> Self {
        Self::answering(address, |_| taken())
    }

    /// Answers as it is told.
    pub fn answering(address: SocketAddr, handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self { stub: Stub::start_at(address, handler) }
    }

    pub fn address(&self) -> SocketAddr {
        self.stub.address
    }

    pub fn requests(&self) -> Vec<Request> {
        self.stub.requests()
    }

    /// How many spans came, counting repeated ones.
    pub fn span_count(&self) -> usize {
        self.requests().iter().map(|request| walk::check(&request.body).unwrap()).sum()
    }

    pub fn traces(&self) -> BTreeMap<TraceId, TraceTree> {
        let requests = self.requests();
        TraceTree::all_from_protobuf(requests.iter().map(|request| request.body.as_slice())).unwrap()
    }

    /// The trace, once it has as many spans.
    pub fn trace(&self, id: &str, spans: usize) -> TraceTree {
        let id: TraceId = id.parse().unwrap();
        wait::until(&format!("{spans} spans of {id} came"), || {
            self.traces().remove(&id).filter(|tree| tree.len() == spans)
        })
    }
}

/// The answer to an export that is taken.
pub fn taken() -> Reply {
    Reply::Answer("200 OK", vec!["Content-Type: application/x-protobuf".into()], vec![])
}

/// A running gateway-spans. Dropped without [`Spans::stop`], it ends as if it was killed.
pub struct Spans {
    server: Option<Server>,
    runtime: Runtime,
}

impl Spans {
    /// With the default settings.
    pub fn start(access_log: &Path, collector: SocketAddr) -> Self {
        Self::start_with(config(access_log, collector))
    }

    pub fn start_with(config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(gateway_spans::start(config)).unwrap();
        Self { server: Some(server), runtime }
    }

    pub fn counts(&self) -> &Counts {
        self.server().counts()
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Waits until a count has a value.
    pub fn until_counted(&self, what: &str, count: impl Fn(&Counts) -> u64, value: u64) {
        wait::until(&format!("{what} is {value}: {:?}", self.counts()), || {
            (count(self.counts()) == value).then_some(())
        });
    }

    pub fn stop(mut self) -> Arc<Counts> {
        self.runtime.block_on(self.server.take().unwrap().stop())
    }
}

/// The settings for this log and collector.
pub fn config(access_log: &Path, collector: SocketAddr) -> Config {
    Config::new(access_log, &format!("http://{collector}/v1/traces")).unwrap()
}
