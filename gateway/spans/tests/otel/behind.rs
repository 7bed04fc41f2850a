//! What stands behind the gateway that makes its spans itself: a receiver of OTLP/gRPC that keeps them.

use crate::wait;
use native::nginx::{GatewayConfig, OtelModule};
use std::net::SocketAddr;
use testkit::Receiver;

pub struct Behind {
    receiver: Option<Receiver>,
}

impl Behind {
    /// Has the gateway load the module and send to a new receiver.
    pub fn start(config: &mut GatewayConfig) -> Self {
        let receiver = Receiver::start();
        Self::sending_to(config, receiver.address());
        Self { receiver: Some(receiver) }
    }

    /// Has the gateway load the module and send to whoever listens there.
    pub fn sending_to(config: &mut GatewayConfig, address: SocketAddr) -> Self {
        let module = OtelModule::given().expect("NGINX_OTEL_MODULE");
        config.otel = Some(OtelModule::new(module, address));
        Self { receiver: None }
    }

    /// Leaves the gateway the one on stock nginx.
    pub fn nothing(_: &mut GatewayConfig) -> Self {
        Self { receiver: None }
    }

    /// A span of the trace that has no parent comes.
    pub fn assert_opens(&self, trace_id: &str) {
        wait::until(&format!("a root span of {trace_id} came"), || {
            let spans = self.receiver.as_ref()?.spans();
            let mut ids = spans.iter().filter(|span| span.parent_span_id.is_empty()).map(|span| &span.trace_id);
            ids.any(|id| hex(id) == trace_id).then_some(())
        });
    }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
