//! Which faults are on, and until when. Each has a task that ends it, whoever set it and whatever became of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contracts::fault::{Fault, Kind};
use telemetry::Telemetry;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::active::Active;
use super::held;
use crate::database::Database;

/// The faults of one service. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    set: Mutex<Vec<Set>>,
    database: Option<Database>,
    telemetry: Telemetry,
    /// What ends them: the threads that answer requests come and go.
    runtime: Handle,
}

/// A fault with the task that ends it.
#[derive(Debug)]
struct Set {
    active: Arc<Active>,
    /// Dropped to end it before its time.
    sooner: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Board {
    /// With nothing on it.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub(super) fn new(database: Option<Database>, telemetry: Telemetry) -> Self {
        let board = Inner { set: Mutex::default(), database, telemetry, runtime: Handle::current() };
        Self(Arc::new(board))
    }

    /// Why this service cannot have this fault, in a sentence.
    pub(super) fn objection(&self, fault: Fault) -> Option<String> {
        let connections = self.0.database.as_ref().map(Database::most_connections);
        match (fault, connections) {
            (Fault::SlowQuery(_) | Fault::PoolHeld(_), None) => {
                Some(format!("{} needs a database, and this service has none", fault.kind()))
            }
            (Fault::PoolHeld(held), Some(most)) if held > most => {
                Some(format!("{} must be {most} at most: the pool has no more connections", fault.kind()))
            }
            _ => None,
        }
    }

    /// Switches a fault on for so long, in the place of one of its kind.
    pub(super) async fn set(&self, fault: Fault, time: Duration) {
        let active = Arc::new(Active::new(fault, time));
        let (sooner, ends_sooner) = oneshot::channel();
        let task = self.0.runtime.spawn(keep(self.clone(), Arc::clone(&active), ends_sooner));
        let replaced = {
            let mut set = self.0.lock();
            let replaced = remove(&mut set, Some(fault.kind()));
            set.push(Set { active, sooner, task });
            replaced
        };
        end(replaced).await;
        let for_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.telemetry.scope(|| tracing::warn!(%fault, for_ms, "fault set"));
    }

    /// Ends the one of a kind, or all of them, and waits until what they hold is given back.
    pub(super) async fn clear(&self, kind: Option<Kind>) -> Vec<Arc<Active>> {
        let cleared = remove(&mut self.0.lock(), kind);
        end(cleared).await
    }

    /// What is on.
    pub(super) fn active(&self) -> Vec<Arc<Active>> {
        let on = |set: &&Set| !set.active.left().is_zero();
        self.0.lock().iter().filter(on).map(|set| Arc::clone(&set.active)).collect()
    }

    /// What changes the request that is just met, in the order in which it does.
    pub(super) fn meet(&self) -> Vec<Arc<Active>> {
        let mut met = self.active();
        met.retain(|active| active.hits());
        met.sort_by_key(|active| Kind::ALL.iter().position(|kind| *kind == active.fault.kind()));
        met
    }

    /// The service's schema.
    pub(super) fn database(&self) -> Option<&Database> {
        self.0.database.as_ref()
    }

    /// Takes one that has ended by itself off the board.
    fn take_off(&self, ended: &Arc<Active>) {
        self.0.lock().retain(|set| !Arc::ptr_eq(&set.active, ended));
    }
}

impl Inner {
    /// Nothing is done under the lock that could leave it half done.
    fn lock(&self) -> MutexGuard<'_, Vec<Set>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the one of a kind, or all of them, off the board.
fn remove(board: &mut Vec<Set>, kind: Option<Kind>) -> Vec<Set> {
    board.extract_if(.., |set| kind.is_none_or(|kind| set.active.fault.kind() == kind)).collect()
}

/// Ends them before their time, and waits until what they hold is given back.
async fn end(faults: Vec<Set>) -> Vec<Arc<Active>> {
    let mut ended = Vec::new();
    for Set { active, sooner, task } in faults {
        drop(sooner);
        // It only waits; that it panicked would be in the log.
        let _ = task.await;
        ended.push(active);
    }
    ended
}

/// Lives as long as the fault does, and says in the log when that is over.
async fn keep(board: Board, active: Arc<Active>, mut sooner: oneshot::Receiver<()>) {
    let cleared = match (active.fault, board.database()) {
        (Fault::PoolHeld(connections), Some(database)) => {
            let held = held::hold(database.pool().unobserved(), connections, &active.held);
            tokio::select! {
                _ = &mut sooner => true,
                () = tokio::time::sleep(active.left()) => false,
                never = held => match never {},
            }
        }
        _ => tokio::time::timeout(active.left(), &mut sooner).await.is_ok(),
    };
    board.take_off(&active);
    let (fault, requests) = (active.fault, active.requests());
    board.0.telemetry.scope(|| tracing::info!(%fault, requests, cleared, "fault ended"));
}
