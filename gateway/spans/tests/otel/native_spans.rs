//! gateway-spans behind the log of a gateway on stock nginx, sending to a receiver.

use gateway_spans::{Config, Server};
use std::path::Path;
use testkit::Receiver;
use tokio::runtime::Runtime;

pub struct Spans {
    pub receiver: Receiver,
    _server: Server,
    _runtime: Runtime,
}

impl Spans {
    pub fn start(access_log: &Path) -> Self {
        let receiver = Receiver::start();
        let config = Config::new(access_log, &format!("{}/v1/traces", receiver.endpoint())).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(gateway_spans::start(config)).unwrap();
        Self { receiver, _server: server, _runtime: runtime }
    }
}
