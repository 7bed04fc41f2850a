//! Where the spans are that were made: an account of the services and of the Collector.

use crate::ledger::{Ledger, everything_is_exported};
use crate::stack::Stack;
use crate::wait::until;

/// Whose exporter sends to Tempo.
const TO_TEMPO: &str = "otlp_grpc/tempo";

/// Counts since the programs were started.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// Spans that the three services have got rid of.
    pub exported: f64,
    /// Spans that the Collector took: those, and the gateway's.
    pub accepted: f64,
    /// Those that it did not take; their senders keep them.
    pub refused: f64,
    /// Those that Tempo took.
    pub sent: f64,
    /// Those that were given up, with no room in the queue or by Tempo's refusal.
    pub given_up: f64,
}

impl Account {
    /// Waits until nothing is under way any longer. Nobody may send requests meanwhile.
    pub async fn settled(stack: &Stack) -> Self {
        everything_is_exported(stack.services_addresses().expect("addresses")).await;
        let mut before = f64::NAN;
        until("the Collector has sent everything", async || {
            let account = Self::now(stack).await?;
            let queued = stack.collector().await?.sum("otelcol_exporter_queue_size", TO_TEMPO);
            // Twice the same: the last of the gateway's spans, whose account nobody publishes, have come, too.
            let moved = account.accepted != std::mem::replace(&mut before, account.accepted);
            if moved || queued > 0.0 { Err(format!("{queued} requests wait, {account:?}")) } else { Ok(account) }
        })
        .await
    }

    /// As it is now.
    pub async fn now(stack: &Stack) -> Result<Self, String> {
        let mut exported = 0.0;
        for address in stack.services_addresses()? {
            exported += Ledger::of(address).await.exported;
        }
        let metrics = stack.collector().await?;
        let given_up = ["otelcol_exporter_enqueue_failed_spans", "otelcol_exporter_send_failed_spans"];
        Ok(Self {
            exported,
            accepted: metrics.sum("otelcol_receiver_accepted_spans", "otlp"),
            refused: metrics.sum("otelcol_receiver_refused_spans", "otlp"),
            sent: metrics.sum("otelcol_exporter_sent_spans", TO_TEMPO),
            given_up: given_up.iter().map(|name| metrics.sum(name, TO_TEMPO)).sum(),
        })
    }

    /// What has come since.
    pub fn since(self, before: Self) -> Self {
        Self {
            exported: self.exported - before.exported,
            accepted: self.accepted - before.accepted,
            refused: self.refused - before.refused,
            sent: self.sent - before.sent,
            given_up: self.given_up - before.given_up,
        }
    }
}
