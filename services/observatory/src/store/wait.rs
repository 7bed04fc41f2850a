//! Waiting for a trace instead of asking again and again.

use std::time::Duration;

use otlp::{TraceId, TraceTree};

use super::Store;

/// The trace did not become what was waited for.
#[derive(Debug, thiserror::Error)]
#[error("trace {trace_id} is not there as expected after {waited:?}; so far:\n{outline}")]
pub struct WaitError {
    /// The trace.
    pub trace_id: TraceId,
    /// How long was waited.
    pub waited: Duration,
    /// The outline of what has come; empty when nothing has.
    pub outline: String,
}

impl Store {
    /// Waits until the trace is there and `done` with it, looking again at each of its changes.
    pub async fn wait_for(
        &self,
        trace_id: TraceId,
        mut done: impl FnMut(&TraceTree) -> bool,
        timeout: Duration,
    ) -> Result<TraceTree, WaitError> {
        let mut changes = self.changes();
        let mut seen = None;
        let waiting = async {
            loop {
                let version = self.read().version(trace_id);
                if version != seen {
                    seen = version;
                    if let Some(tree) = self.trace(trace_id).map(|trace| trace.tree()).filter(|tree| done(tree)) {
                        return tree;
                    }
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(timeout, waiting).await.map_err(|_| WaitError {
            trace_id,
            waited: timeout,
            outline: self.trace(trace_id).map(|trace| trace.tree().outline()).unwrap_or_default(),
        })
    }
}
