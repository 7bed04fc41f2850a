//! The gateway with nginx's own OpenTelemetry module: its spans, which the Collector makes like the services', complete the
//! same traces and the same edges as those of gateway-spans.

use native::backends::Ports;
use native::nginx::OtelModule;
use testkit::{Backend, Client};

use crate::gateway::Gateway;
use crate::graph;
use crate::harness::Plan;
use crate::runner::Outcome;
use crate::set::{Set, Wanted};
use crate::traffic::{self, Counts};

/// Paths that do not exist are named otherwise by the module, and tested with it.
const SOME: Counts = Counts { whole: 4, failing: 2, unknown_user: 2, no_route: 0 };

/// As with stock nginx.
pub async fn its_traces_are_whole_and_its_edges_are_the_same_seven() -> Outcome {
    let Some(module) = OtelModule::given() else { return Outcome::Skipped("needs nginx's module (NGINX_OTEL_MODULE)") };
    let set = Set::start(&Wanted { prometheus: true, ..Wanted::default() }).await;
    let mut chain = Plan { endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await;
    let upstreams = (chain.user.address(), chain.order.address(), chain.audit.address());
    let collector = Ports::address(set.settings.ports.collector_grpc);
    // Whatever is made of this gateway's access log goes where nobody looks.
    let nowhere = Backend::start().await;
    let gateway = Gateway::start(&nowhere.endpoint(), |config| {
        (config.user_upstream, config.order_upstream, config.audit_upstream) = upstreams;
        config.otel = Some(OtelModule::new(&module, collector));
    })
    .await;
    chain.client = Client::new(gateway.address);
    for sent in traffic::send(&chain, SOME).await {
        set.observatory().expect(&sent.trace_id, sent.outline).await;
    }
    graph::expect(&set.prometheus(), SOME, "collector").await;
    Outcome::Passed
}
