//! The `OTEL_*` variables of this process.

/// How this process records and exports, as its environment says.
///
/// # Errors
/// All wrong values, a sentence each.
pub fn telemetry(service_name: &str) -> Result<telemetry::Config, String> {
    let lookup = |name: &str| std::env::var(name).ok();
    let config = telemetry::Config::from_lookup(service_name, env!("CARGO_PKG_VERSION"), &lookup);
    config.map_err(|problems| problems.join("\n"))
}
