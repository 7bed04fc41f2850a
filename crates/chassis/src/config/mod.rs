//! The settings that every service has.

mod database;
pub mod env;
mod faults;

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use contracts::chain::Step;
use reqwest::Url;

use crate::deadline::Deadline;

pub use database::DatabaseConfig;
use env::Environment;

/// How long requests that are under way may take at the end: as long as the longest deadline, the user service's.
const SHUTDOWN_TIMEOUT_MS: u64 = 8_000;
/// Threads that answer requests: handlers wait more than they compute, and the whole chain shares a machine.
const WORKERS: usize = 2;

/// Who a service is: `service.name` and `service.version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Such as `order-service`.
    pub name: String,
    /// Such as `0.1.0`.
    pub version: String,
}

impl Identity {
    /// This hop's share of a request that arrived when `deadline` began.
    pub fn step(&self, deadline: &Deadline) -> Step {
        let duration_ms = (deadline.elapsed().as_secs_f64() * 1_000_000.0).round() / 1_000.0;
        Step { service: self.name.clone(), version: self.version.clone(), duration_ms }
    }
}

/// The settings that every service has.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who the service is.
    pub identity: Identity,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that answer requests.
    pub workers: usize,
    /// The longest that a request may take; a caller can ask for less.
    pub request_timeout: Duration,
    /// How long requests that are under way may take at the end.
    pub shutdown_timeout: Duration,
    /// The next service of the chain; `None` at its end.
    pub next: Option<Url>,
    /// Where faults are asked for; `None` where there are none to be.
    pub faults: Option<SocketAddr>,
    /// `RUST_LOG`.
    pub log_filter: String,
    /// Tracing and metrics.
    pub telemetry: telemetry::Config,
}

/// What a service says of itself; the environment can change all but its name.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// `service.name`, such as `order-service`.
    pub name: &'static str,
    /// `service.version`: `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// Port on 127.0.0.1.
    pub port: u16,
    /// The longest that a request may take, in milliseconds: shorter than the predecessor's.
    pub request_timeout_ms: u64,
}

impl Config {
    /// Reads the settings; `None` when what is wrong leaves nothing to build on. `environment` knows what is wrong.
    pub fn read(defaults: Defaults, environment: &Environment) -> Option<Self> {
        let millis = |name: &str, default| milliseconds(environment, name, default);
        let telemetry = telemetry::Config::from_lookup(defaults.name, defaults.version, &|name| environment.get(name));
        let telemetry =
            telemetry.map_err(|problems| problems.into_iter().for_each(|problem| environment.refuse(problem)));
        let listen = SocketAddr::from(([127, 0, 0, 1], defaults.port));
        let next = environment.optional::<Url>("NEXT_SERVICE_URL", NEXT_SERVICE_URL);
        if next.as_ref().is_some_and(|url| url.scheme() != "http" || !url.has_host() || url.query().is_some()) {
            environment.refuse(format!("NEXT_SERVICE_URL must be {NEXT_SERVICE_URL}"));
        }
        let listen = environment.parsed("LISTEN", listen, "an address with a port, such as 127.0.0.1:5001");
        let workers = environment.optional::<NonZeroUsize>("WORKERS", "a number of threads above 0");
        let workers = workers.map_or(WORKERS, NonZeroUsize::get);
        let request_timeout = millis("REQUEST_TIMEOUT_MS", defaults.request_timeout_ms);
        let shutdown_timeout = millis("SHUTDOWN_TIMEOUT_MS", SHUTDOWN_TIMEOUT_MS);
        let faults = faults::read(defaults.port, environment);
        let telemetry = telemetry.ok()?;
        Some(Self {
            identity: Identity { name: telemetry.service_name.clone(), version: defaults.version.to_owned() },
            listen,
            workers,
            request_timeout,
            shutdown_timeout,
            next,
            faults,
            log_filter: environment.get("RUST_LOG").unwrap_or_default(),
            telemetry,
        })
    }
}

const NEXT_SERVICE_URL: &str = "the http:// URL of the next service, such as http://127.0.0.1:5002";

/// For a service that has no settings of its own.
impl AsRef<Self> for Config {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// A time above 0; 32 bits are 49 days, more than any of these may be.
fn milliseconds(environment: &Environment, name: &str, default: u64) -> Duration {
    let given = environment.optional::<NonZeroU32>(name, "a whole number of milliseconds above 0");
    Duration::from_millis(given.map_or(default, |millis| u64::from(millis.get())))
}
