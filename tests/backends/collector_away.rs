//! The Collector is away: requests are answered as before, every span has its place in the account, and all of it arrives
//! when the Collector is back.

use crate::harness::Plan;
use crate::ledger::{Ledger, everything_is_exported};
use crate::set::{Set, Wanted};
use crate::traffic::{self, Counts};
use crate::world::services;

/// So many requests before and meanwhile.
const SOME: Counts = Counts { whole: 5, failing: 2, unknown_user: 2, no_route: 1 };

/// Answers are compared by [`traffic::send`], which knows each one's status.
pub async fn requests_are_answered_and_every_span_is_accounted_for() {
    let mut set = Set::start(&Wanted::default()).await;
    // Nothing is given up while it is away, however long that takes on a busy machine.
    let variables = vec![("OTEL_BSP_EXPORT_TIMEOUT", "300000".to_owned())];
    let chain = Plan { endpoint: Some(set.endpoint()), variables, ..Plan::usual().await }.start().await;
    let with = chain.plain().await;
    // What is under way while the Collector dies may have arrived or not; that is another test's business.
    everything_is_exported(services(&chain)).await;
    set.collector.kill();
    let sent = traffic::send(&chain, SOME).await;
    let without = chain.plain().await;
    assert_eq!(without.status, with.status);
    let members = |answer: &testkit::Answer| -> Vec<String> {
        answer.body.as_object().expect("an object").keys().cloned().collect()
    };
    assert_eq!(members(&without), members(&with));
    for server in [&chain.user, &chain.order, &chain.audit] {
        let ledger = Ledger::of(server.address()).await;
        assert!(ledger.is_exact() && ledger.lost == 0.0 && ledger.waiting > 0.0, "{ledger:?}");
    }
    set.collector.again().expect("it starts again");
    everything_is_exported(services(&chain)).await;
    for sent in sent {
        set.observatory().expect(&sent.trace_id, sent.outline).await;
    }
}
