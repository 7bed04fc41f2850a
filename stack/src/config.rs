//! What the tool reads from the environment, and the flags that stand beside it.
//!
//! The services read their own settings: whatever is set for `cargo stack` reaches them, a sampler as its `parentbased_` form. Here is only what the
//! tool itself, or the gateway that it configures, has to know.

use crate::failure::Failure;
use native::nginx::{GatewayConfig, RootSampler, Sampler};
use std::ffi::OsString;
use std::str::FromStr;

/// Quick enough that a trace is there when one looks; the specification's 5 s is for production.
const SCHEDULE_DELAY_MS: &str = "500";
/// As often as Prometheus scrapes; the specification's 60 s is for production.
const METRIC_INTERVAL_MS: &str = "5000";

/// What the environment says about telemetry.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// Where spans go instead of to our own observatory.
    pub elsewhere: Option<String>,
    /// The gateway's sampler; always off when the SDK is disabled.
    pub sampler: Sampler,
    /// Whether a client's trace is continued.
    pub trust_inbound_trace: bool,
    /// The time between two exports of a service, in milliseconds.
    pub schedule_delay_ms: String,
    /// The time between two exports of a service's metrics, in milliseconds.
    pub metric_interval_ms: String,
    /// Whether services speak gRPC.
    pub grpc: bool,
    /// What is to be done with metrics, where a word is said on it.
    pub metrics_exporter: Option<String>,
    /// What is to be done with log records, where a word is said on it.
    pub logs_exporter: Option<String>,
}

impl Telemetry {
    /// Reads it; `own_port` is our observatory's OTLP/HTTP port.
    pub fn from_environment(own_port: u16) -> Result<Self, Failure> {
        let disabled = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let name = variable("OTEL_TRACES_SAMPLER").unwrap_or_else(|| Sampler::default().to_string());
        let argument = variable("OTEL_TRACES_SAMPLER_ARG");
        let mut sampler =
            Sampler::parse(&name, argument.as_deref()).map_err(|error| Failure::cannot(error.to_string()))?;
        if disabled {
            sampler.root = RootSampler::AlwaysOff;
        }
        let endpoint =
            variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| variable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        let protocol =
            variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL").or_else(|| variable("OTEL_EXPORTER_OTLP_PROTOCOL"));
        Ok(Self {
            elsewhere: endpoint.filter(|endpoint| !is_own(endpoint, own_port)),
            sampler,
            trust_inbound_trace: switch("TRUST_INBOUND_TRACE")?,
            schedule_delay_ms: variable("OTEL_BSP_SCHEDULE_DELAY").unwrap_or_else(|| SCHEDULE_DELAY_MS.into()),
            metric_interval_ms: variable("OTEL_METRIC_EXPORT_INTERVAL").unwrap_or_else(|| METRIC_INTERVAL_MS.into()),
            grpc: protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("grpc")),
            metrics_exporter: variable("OTEL_METRICS_EXPORTER"),
            logs_exporter: variable("OTEL_LOGS_EXPORTER"),
        })
    }

    /// Whether every trace is kept.
    pub fn samples_all(&self) -> bool {
        match self.sampler.root {
            RootSampler::AlwaysOn => true,
            RootSampler::AlwaysOff => false,
            RootSampler::Ratio(ratio) => ratio >= 1.0,
        }
    }

    /// Whether no trace is kept.
    pub fn samples_none(&self) -> bool {
        match self.sampler.root {
            RootSampler::AlwaysOn => false,
            RootSampler::AlwaysOff => true,
            RootSampler::Ratio(ratio) => ratio <= 0.0,
        }
    }
}

/// The gateway's limits, where the environment has others than the defaults.
pub fn gateway_limits(config: &mut GatewayConfig) -> Result<(), Failure> {
    set(&mut config.rate_per_second, "GATEWAY_RATE_PER_SECOND")?;
    set(&mut config.burst, "GATEWAY_BURST")?;
    set(&mut config.connections_per_address, "GATEWAY_CONNECTIONS_PER_ADDRESS")?;
    set(&mut config.body_bytes, "GATEWAY_BODY_BYTES")
}

/// Whether the services of a stack take faults.
pub fn faults() -> Result<bool, Failure> {
    switch("FAULTS")
}

/// Whether colours are unwanted.
pub fn no_colour() -> bool {
    variable("NO_COLOR").is_some()
}

/// The cargo that runs us, else the one in PATH.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The variables that cargo sets for a program it runs. They are about our package, not about what a cargo of
/// ours builds or a service of ours is.
pub fn of_our_package() -> Vec<String> {
    let about_us = |name: &String| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix));
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(about_us).collect()
}

fn set<T: FromStr>(setting: &mut T, name: &str) -> Result<(), Failure> {
    if let Some(value) = variable(name) {
        *setting = value.parse().map_err(|_| Failure::cannot(format!("{name}: {value:?} is not a number")))?;
    }
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    // What is no text is refused by whoever reads it, and not taken for unset.
    std::env::var_os(name).map(|value| value.to_string_lossy().trim().to_owned()).filter(|value| !value.is_empty())
}

fn is_own(endpoint: &str, own_port: u16) -> bool {
    let host = endpoint.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    host.and_then(|host| host.rsplit_once(':'))
        .is_some_and(|(name, port)| matches!(name, "localhost" | "127.0.0.1" | "[::1]") && port == own_port.to_string())
}

/// On or off; anything else is more likely a mistake than a wish.
fn switch(name: &str) -> Result<bool, Failure> {
    match variable(name).as_deref() {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Failure::cannot(format!("{name} must be 1 (on) or 0 (off)"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_observatory_is_recognised_however_it_is_written() {
        assert!(is_own("http://localhost:4318/", 4318));
        assert!(is_own("http://127.0.0.1:4318/v1/traces", 4318));
        assert!(!is_own("http://127.0.0.1:14318", 4318));
        assert!(!is_own("https://collector.example:4318", 4318));
        assert!(!is_own("nonsense", 4318));
    }
}
