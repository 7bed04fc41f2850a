//! What of the gateway's configuration differs from machine to machine and from test to test.

use super::Sampler;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

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
    /// The log the spans are made from.
    pub access_log: PathBuf,
    /// Which traces are sampled.
    pub sampler: Sampler,
    /// Whether a valid `traceparent` of a client is continued.
    pub trust_inbound_trace: bool,
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
            sampler: Sampler::default(),
            trust_inbound_trace: false,
            rate_per_second: 1000,
            burst: 200,
            // More than a load generator on the same machine opens, far less than nginx's own connections.
            connections_per_address: 512,
            body_bytes: 256 * 1024,
            header_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(5),
            // A service on the same machine accepts at once or is not there.
            connect_timeout: Duration::from_secs(1),
            // The outermost deadline of the chain: user's own is 8 s.
            read_timeout: Duration::from_secs(10),
        }
    }

    /// nginx's pid file, by which it is told to reopen its log.
    pub fn pid_file(&self) -> PathBuf {
        self.run_directory.join("nginx.pid")
    }
}
