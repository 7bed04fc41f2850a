//! What of the gateway's configuration differs from machine to machine and from test to test.

use super::{OtelModule, Sampler};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// One address may be a whole office behind one router, or a load generator on this machine; a flood is more.
const RATE_PER_SECOND: u32 = 1000;
/// A fifth of a second's worth: pages that ask for much at once pass, a flood does not.
const BURST: u32 = 200;
/// More than a load generator on the same machine opens, far less than nginx's own connections.
const CONNECTIONS_PER_ADDRESS: u32 = 512;
/// A request of this chain has some hundred bytes; so much of each connection can still be kept.
const BODY_BYTES: u64 = 256 * 1024;
/// Headers come in one piece; who needs longer keeps a connection from others.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two pieces: a slow line has a pause, not one of this length.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// A service on the same machine accepts at once or is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The outermost deadline of the chain: user's own is 8 s.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The gateway's settings; [`GatewayConfig::new`] has the defaults.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Where clients connect to.
    pub listen: SocketAddr,
    /// user-service.
    pub user_upstream: SocketAddr,
    /// order-service.
    pub order_upstream: SocketAddr,
    /// audit-service.
    pub audit_upstream: SocketAddr,
    /// The pid file (`nginx.pid`) and nginx's temporary directories.
    pub run_directory: PathBuf,
    /// The log; the spans are made from it where nginx has no module for them.
    pub access_log: PathBuf,
    /// nginx's OpenTelemetry module, where the gateway is to make its spans itself.
    pub otel: Option<OtelModule>,
    /// Which traces are sampled.
    pub sampler: Sampler,
    /// Whether a valid `traceparent` of a client is continued.
    pub trust_inbound_trace: bool,
    /// Processes that take requests; as many as there are cores where none is said.
    pub workers: Option<u16>,
    /// Requests a second from one address.
    pub rate_per_second: u32,
    /// How many requests of one address may come at once beyond that rate.
    pub burst: u32,
    /// Requests of one address at the same time.
    pub connections_per_address: u32,
    /// The largest body.
    pub body_bytes: u64,
    /// For all headers of a request.
    pub header_timeout: Duration,
    /// Between two pieces of a body.
    pub body_timeout: Duration,
    /// For a connection to a service.
    pub connect_timeout: Duration,
    /// Between two pieces of a service's answer.
    pub read_timeout: Duration,
}

impl GatewayConfig {
    /// The defaults, with everything nginx writes in `run_directory`.
    pub fn new(run_directory: impl Into<PathBuf>) -> Self {
        let run_directory = run_directory.into();
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            listen: local(8080),
            user_upstream: local(5001),
            order_upstream: local(5002),
            audit_upstream: local(5003),
            access_log: run_directory.join("access.log"),
            run_directory,
            otel: None,
            sampler: Sampler::default(),
            trust_inbound_trace: false,
            workers: None,
            rate_per_second: RATE_PER_SECOND,
            burst: BURST,
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            body_bytes: BODY_BYTES,
            header_timeout: HEADER_TIMEOUT,
            body_timeout: BODY_TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            read_timeout: READ_TIMEOUT,
        }
    }

    /// nginx's pid file, by which it is told to reopen its log.
    pub fn pid_file(&self) -> PathBuf {
        self.run_directory.join("nginx.pid")
    }
}
