//! One chain with everything behind its Collector, and traffic of a known kind: for the tests that only look at it.

use std::net::SocketAddr;
use std::sync::Arc;

use chassis::Server;
use native::backends::{Extra, Program};
use tokio::sync::Mutex;

use crate::graph::settled;
use crate::harness::{Chain, Plan};
use crate::runner::has;
use crate::set::{Set, Wanted};
use crate::traffic::{self, Counts, Sent};

/// What is sent twice: a rate needs two samples that differ.
const ROUND: Counts = Counts { whole: 6, failing: 3, unknown_user: 2, no_route: 2 };
/// So many that a share of them is neither none nor all, whatever the dice say.
const SAMPLED_ROUND: Counts = Counts { whole: 100, failing: 5, unknown_user: 3, no_route: 2 };
/// How often a round is sent.
const ROUNDS: usize = 2;

/// A world that tests look at.
pub struct World {
    /// The backends.
    pub set: Set,
    /// What was sent.
    pub sent: Vec<Sent>,
    /// How many of each kind.
    pub counts: Counts,
    /// The chain.
    pub chain: Chain,
}

static EVERYTHING_KEPT: Mutex<Option<Arc<World>>> = Mutex::const_new(None);
static SAMPLED: Mutex<Option<Arc<World>>> = Mutex::const_new(None);

/// The one in which every trace is kept.
pub async fn everything_kept() -> Arc<World> {
    let mut world = EVERYTHING_KEPT.lock().await;
    match &*world {
        Some(world) => Arc::clone(world),
        None => Arc::clone(world.insert(World::start(Vec::new(), ROUND).await)),
    }
}

/// The one in which a tenth of the traces that went well is kept.
pub async fn sampled() -> Arc<World> {
    let mut world = SAMPLED.lock().await;
    match &*world {
        Some(world) => Arc::clone(world),
        None => Arc::clone(world.insert(World::start(vec![Extra::Sampling], SAMPLED_ROUND).await)),
    }
}

/// Where the services of a chain listen.
pub fn services(chain: &Chain) -> [SocketAddr; 3] {
    [&chain.user, &chain.order, &chain.audit].map(Server::address)
}

/// Ends both; whoever forgets that leaves folders behind.
pub async fn end() {
    EVERYTHING_KEPT.lock().await.take();
    SAMPLED.lock().await.take();
}

impl World {
    async fn start(extras: Vec<Extra>, round: Counts) -> Arc<Self> {
        // A busy machine makes slow traces, and a slow trace is always kept.
        let variables = vec![("SAMPLING_SLOW_MS", "600000".to_owned())];
        let sampled = extras.contains(&Extra::Sampling);
        let (tempo, loki) = (has(Program::Tempo), has(Program::Loki) && !sampled);
        let set = Set::start(&Wanted { prometheus: true, tempo, loki, extras, variables, ..Wanted::default() }).await;
        let variables = vec![
            ("OTEL_METRICS_EXPORTER", "otlp".to_owned()),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1000".to_owned()),
            // A service cannot know which traces are kept, and an exemplar of one that is not opens nothing.
            ("OTEL_METRICS_EXEMPLAR_FILTER", if sampled { "always_off" } else { "trace_based" }.to_owned()),
            ("OTEL_LOGS_EXPORTER", if loki { "otlp" } else { "none" }.to_owned()),
        ];
        let plan = Plan { variables, endpoint: Some(set.endpoint()), ..Plan::usual().await };
        let chain = plan.start().await;
        let sources: &[&str] = if tempo && !sampled { &["collector", "tempo"] } else { &["collector"] };
        let mut sent = Vec::new();
        for rounds in 1..=ROUNDS {
            sent.extend(traffic::send(&chain, round).await);
            settled(&set.prometheus(), round.times(rounds), sources).await;
        }
        Arc::new(Self { set, sent, counts: round.times(ROUNDS), chain })
    }
}
