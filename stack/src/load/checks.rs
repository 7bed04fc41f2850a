//! Whether every trace is whole, checked while the load runs: the store forgets the oldest.

use crate::traces::{Found, Traces, WHOLE_LIMIT, Wanted};
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
    wanted: mpsc::UnboundedSender<Wanted>,
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
    /// How many whole traces have how many spans, with one of each.
    by_spans: BTreeMap<usize, (u64, String)>,
}

impl Checked {
    /// All that were checked.
    pub fn total(&self) -> u64 {
        self.whole + self.broken + self.unknown
    }

    /// All requests are alike, so all traces have to be: one with fewer spans than others has lost a leaf, which leaves no
    /// gap in its tree.
    fn compare(&mut self) {
        let most = self.by_spans.keys().next_back().copied().unwrap_or_default();
        for (spans, (traces, example)) in self.by_spans.iter().filter(|(spans, _)| **spans < most) {
            self.whole -= traces;
            self.broken += traces;
            self.examples.insert(example.clone(), format!("it has {spans} spans, others have {most}"));
        }
    }
}

impl Checks {
    /// Begins to check what comes.
    pub fn begin(traces: Traces) -> Self {
        // Bounded by the rate of the load times the longest wait for a trace; an id takes some dozen bytes.
        let (wanted, mut inbox) = mpsc::unbounded_channel::<Wanted>();
        let checked = Arc::new(Mutex::new(Checked::default()));
        let worker = {
            let checked = Arc::clone(&checked);
            tokio::spawn(async move {
                let room = Arc::new(Semaphore::new(AT_ONCE));
                let mut pending = tokio::task::JoinSet::new();
                while let Some(wanted) = inbox.recv().await {
                    pending.spawn(check(traces.clone(), Arc::clone(&room), wanted, Arc::clone(&checked)));
                    while pending.try_join_next().is_some() {}
                }
                while pending.join_next().await.is_some() {}
            })
        };
        Self { wanted, worker, checked }
    }

    /// Checks this trace, soon.
    pub fn add(&self, wanted: Wanted) {
        let _ = self.wanted.send(wanted);
    }

    /// Waits for the last ones.
    pub async fn end(self) -> Checked {
        drop(self.wanted);
        let _ = self.worker.await;
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        checked.compare();
        checked
    }
}

async fn check(traces: Traces, room: Arc<Semaphore>, wanted: Wanted, checked: Arc<Mutex<Checked>>) {
    tokio::time::sleep(SETTLE).await;
    let found = find(&traces, &room, &wanted).await;
    let mut checked = checked.lock().unwrap_or_else(PoisonError::into_inner);
    let problem = match found {
        Ok(Found::Whole(tree)) => {
            checked.whole += 1;
            checked.by_spans.entry(tree.len()).or_insert_with(|| (0, wanted.id.to_string())).0 += 1;
            return;
        }
        Ok(Found::Unknown) => {
            checked.unknown += 1;
            "the store does not know it".to_owned()
        }
        Ok(Found::Broken(_, missing)) => {
            checked.broken += 1;
            missing.join("; ")
        }
        Err(reason) => {
            checked.broken += 1;
            reason
        }
    };
    if checked.examples.len() < NAMED {
        checked.examples.insert(wanted.id.to_string(), problem);
    }
}

/// Reads at once and, when something is missing, again and again until the limit. Only reading takes room, not
/// the waiting in between.
async fn find(traces: &Traces, room: &Semaphore, wanted: &Wanted) -> Result<Found, String> {
    let deadline = tokio::time::Instant::now() + WHOLE_LIMIT;
    loop {
        let found = {
            let _permit = room.acquire().await.map_err(|error| error.to_string())?;
            traces.whole(wanted, Duration::ZERO).await.map_err(|failure| failure.message)?
        };
        if matches!(found, Found::Whole(_)) || tokio::time::Instant::now() >= deadline {
            return Ok(found);
        }
        tokio::time::sleep(SETTLE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_with_fewer_spans_than_its_like_is_broken() {
        let by_spans = BTreeMap::from([(19, (1, "a".to_owned())), (20, (9, "b".to_owned()))]);
        let mut checked = Checked { whole: 10, by_spans, ..Checked::default() };
        checked.compare();
        assert_eq!((checked.whole, checked.broken), (9, 1));
        assert_eq!(checked.examples["a"], "it has 19 spans, others have 20");
    }
}
