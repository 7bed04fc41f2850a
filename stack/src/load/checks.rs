//! Whether every trace is whole, checked while the load runs: the store forgets the oldest.

use crate::traces::{Found, Traces, WHOLE_LIMIT, parse_id};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

/// Export and the gateway's log need this long as a rule; asking earlier would only be load.
const SETTLE: Duration = Duration::from_millis(2_500);
/// Two keep up with 1,000 traces a second and leave the chain its processors.
const AT_ONCE: usize = 2;
/// How many broken traces are named.
const NAMED: usize = 5;

/// Checks under way.
pub struct Checks {
    ids: mpsc::UnboundedSender<String>,
    worker: JoinHandle<()>,
    checked: Arc<Mutex<Checked>>,
}

/// What the checks found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Nothing missing.
    pub whole: u64,
    /// Something missing, or the check itself failed.
    pub broken: u64,
    /// Never seen by the store.
    pub unknown: u64,
    /// Why, for the first few.
    pub examples: BTreeMap<String, String>,
}

impl Checked {
    /// All that were checked.
    pub fn total(&self) -> u64 {
        self.whole + self.broken + self.unknown
    }
}

impl Checks {
    /// Begins to check what comes.
    pub fn begin(traces: Traces) -> Self {
        // Bounded by the rate of the load times the longest wait for a trace; an id takes some dozen bytes.
        let (ids, mut inbox) = mpsc::unbounded_channel::<String>();
        let checked = Arc::new(Mutex::new(Checked::default()));
        let worker = {
            let checked = Arc::clone(&checked);
            tokio::spawn(async move {
                let room = Arc::new(Semaphore::new(AT_ONCE));
                let mut pending = tokio::task::JoinSet::new();
                while let Some(id) = inbox.recv().await {
                    pending.spawn(check(traces.clone(), Arc::clone(&room), id, Arc::clone(&checked)));
                    while pending.try_join_next().is_some() {}
                }
                while pending.join_next().await.is_some() {}
            })
        };
        Self { ids, worker, checked }
    }

    /// Checks this trace, soon.
    pub fn add(&self, id: &str) {
        let _ = self.ids.send(id.to_owned());
    }

    /// Waits for the last ones.
    pub async fn end(self) -> Checked {
        drop(self.ids);
        let _ = self.worker.await;
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn check(traces: Traces, room: Arc<Semaphore>, id: String, checked: Arc<Mutex<Checked>>) {
    tokio::time::sleep(SETTLE).await;
    let found = find(&traces, &room, &id).await;
    let mut checked = checked.lock().unwrap_or_else(PoisonError::into_inner);
    let problem = match found {
        Ok(Found::Whole(_)) => {
            checked.whole += 1;
            return;
        }
        Ok(Found::Unknown) => {
            checked.unknown += 1;
            "the store does not know it".to_owned()
        }
        Ok(Found::Broken(tree)) => {
            checked.broken += 1;
            tree.problems().first().map_or_else(String::new, ToString::to_string)
        }
        Err(reason) => {
            checked.broken += 1;
            reason
        }
    };
    if checked.examples.len() < NAMED {
        checked.examples.insert(id, problem);
    }
}

/// Reads at once and, when something is missing, again and again until the limit. Only reading takes room, not
/// the waiting in between.
async fn find(traces: &Traces, room: &Semaphore, id: &str) -> Result<Found, String> {
    let id = parse_id(id)?;
    let deadline = tokio::time::Instant::now() + WHOLE_LIMIT;
    loop {
        let found = {
            let _permit = room.acquire().await.map_err(|error| error.to_string())?;
            traces.whole(id, Duration::ZERO).await.map_err(|failure| failure.message)?
        };
        if matches!(found, Found::Whole(_)) || tokio::time::Instant::now() >= deadline {
            return Ok(found);
        }
        tokio::time::sleep(SETTLE).await;
    }
}
