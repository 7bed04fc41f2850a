//! The `OTEL_*` variables of this process.

/// How this process records and exports, as its environment says.
pub fn telemetry() -> Result<telemetry::Config, String> {
    let lookup = |name: &str| std::env::var(name).ok();
    let config = telemetry::Config::from_lookup(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), &lookup);
    config.map_err(|problems| problems.join("\n"))
}
