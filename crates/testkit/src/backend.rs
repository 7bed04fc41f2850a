//! A trace backend, and what tests ask it.

use std::net::SocketAddr;
use std::time::Duration;

use chassis::Server;
use otlp::{TraceId, TraceTree};

/// How long a trace may take to arrive: far longer than it does, as a test's machine may be busy.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(30);

/// An observatory of the test's own.
#[derive(Debug)]
pub struct Backend(observatory::Server);

impl Backend {
    /// Starts one on free ports.
    pub async fn start() -> Self {
        Self(observatory::start(observatory::Config::on_free_ports()).await.expect("observatory starts"))
    }

    /// Starts one where OTLP/gRPC is taken on a port that is known beforehand, for those who stand before it.
    pub async fn start_on(otlp_grpc: SocketAddr) -> Self {
        let config = observatory::Config { otlp_grpc, ..observatory::Config::on_free_ports() };
        Self(observatory::start(config).await.expect("observatory starts"))
    }

    /// Ends it; what it kept is gone.
    pub async fn stop(self) {
        self.0.stop().await;
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` has to be.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.0.otlp_http_addr())
    }

    /// The observatory itself.
    pub fn server(&self) -> &observatory::Server {
        &self.0
    }

    /// Waits for a trace until `done` is satisfied.
    pub async fn trace(&self, trace_id: &str, done: impl FnMut(&TraceTree) -> bool) -> TraceTree {
        let trace_id: TraceId = trace_id.parse().expect("a trace id");
        match self.0.store().wait_for(trace_id, done, ARRIVAL_LIMIT).await {
            Ok(tree) => tree,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits for a trace that looks like `outline`, and shows the difference when it does not.
    pub async fn expect(&self, trace_id: &str, outline: &str) -> TraceTree {
        let wanted = outline_of(outline);
        let spans = wanted.lines().count();
        let tree = self.trace(trace_id, |tree| tree.len() >= spans).await;
        assert_eq!(tree.outline().trim_end(), wanted, "the trace is not what it should be");
        tree
    }

    /// The trace's spans of one service under test, which have all ended.
    pub async fn flushed(&self, server: &Server, trace_id: &str, outline: &str) -> TraceTree {
        let telemetry = server.telemetry().clone();
        tokio::task::spawn_blocking(move || telemetry.flush()).await.expect("no panic").expect("spans leave");
        self.expect(trace_id, outline).await
    }
}

/// An outline as it stands in a test's source: without the indentation of the first line.
pub fn outline_of(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let indentation = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    lines.iter().map(|line| line.get(indentation..).unwrap_or(line).trim_end()).collect::<Vec<_>>().join("\n")
}
