//! A further store gets what the first one gets: no more, no less.

use native::backends::Extra;
use testkit::Backend;

use crate::harness::Plan;
use crate::set::{Set, Wanted};
use crate::traffic::{self, Counts};

/// So many that some are kept and some are not.
const SOME: Counts = Counts { whole: 60, failing: 2, unknown_user: 1, no_route: 1 };

/// Jaeger takes OTLP as the observatory does, which stands in for it.
pub async fn jaeger_gets_the_traces_that_are_stored_and_no_others() {
    let jaeger = Backend::start().await;
    let variables = vec![("SAMPLING_SLOW_MS", "600000".to_owned()), ("SAMPLING_PERCENT", "50".to_owned())];
    let wanted = Wanted {
        extras: vec![Extra::Sampling, Extra::Jaeger],
        variables,
        jaeger: Some(jaeger.server().otlp_grpc_addr().to_string()),
        ..Wanted::default()
    };
    let set = Set::start(&wanted).await;
    let chain = Plan { endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await;
    let sent = traffic::send(&chain, SOME).await;
    // Each is decided on in the order of its root, and the last one is a failed one, which is kept.
    for sent in sent.iter().filter(|sent| sent.status >= 400) {
        set.observatory().expect(&sent.trace_id, sent.outline).await;
        jaeger.expect(&sent.trace_id, sent.outline).await;
    }
    let stored = |backend: &Backend, trace_id: &str| {
        backend.server().store().trace(trace_id.parse().expect("a trace id")).is_some()
    };
    let mut kept = 0;
    for sent in sent.iter().filter(|sent| sent.status == 200) {
        let [first, second] = [set.observatory(), &jaeger].map(|backend| stored(backend, &sent.trace_id));
        if first || second {
            // Whichever has it, the other one gets it.
            set.observatory().expect(&sent.trace_id, sent.outline).await;
            jaeger.expect(&sent.trace_id, sent.outline).await;
            kept += 1;
        }
    }
    assert!((1..SOME.whole).contains(&kept), "{kept} of {} are kept", SOME.whole);
}
