//! Requests one after the other, whatever happens to the chain meanwhile.

use crate::stack::{Stack, process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between two requests: a few in each phase of a restart, and few beside the load.
const EVERY: Duration = Duration::from_millis(100);

/// What became of the requests.
#[derive(Debug, Default)]
pub struct Probed {
    /// Traces of those that went well.
    pub answered: Vec<String>,
    /// How many had another answer, or none.
    pub refused: usize,
}

/// Sends until it is ended.
pub struct Probing {
    over: Arc<AtomicBool>,
    task: JoinHandle<Probed>,
}

impl Probing {
    /// Begins.
    pub fn begin(stack: Arc<Stack>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn({
            let over = Arc::clone(&over);
            async move {
                let mut probed = Probed::default();
                let mut gateway = stack.gateway();
                while !over.load(Ordering::Relaxed) {
                    let answer = match &gateway {
                        Ok(gateway) => process(gateway, 1001).await,
                        Err(error) => Err(error.clone()),
                    };
                    match answer {
                        Ok(answer) if answer.status == 200 => {
                            probed.answered.push(answer.header("x-trace-id").to_owned());
                        }
                        Ok(_) => probed.refused += 1,
                        Err(_) => {
                            probed.refused += 1;
                            // The gateway's port is another one when it has been restarted.
                            gateway = stack.gateway();
                        }
                    }
                    tokio::time::sleep(EVERY).await;
                }
                probed
            }
        });
        Self { over, task }
    }

    /// Ends it, after the request that is under way.
    pub async fn end(self) -> Probed {
        self.over.store(true, Ordering::Relaxed);
        self.task.await.expect("it has not panicked")
    }
}
