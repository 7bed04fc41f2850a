//! What one span costs on the thread that makes it: nanoseconds and allocations of its beginning, its attributes, its end
//! and its encoding, as one JSON array on standard output.
//!
//! Its spans are exported as the `OTEL_*` variables say, on the exporter's own thread, whose time is not counted.

mod config;
mod steps;
mod stopwatch;

use std::error::Error;

use telemetry::Telemetry;

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = Telemetry::start(&config::telemetry()?)?;
    let steps = steps::measure(&telemetry)?;
    telemetry.shutdown()?;
    println!("{}", serde_json::to_string(&steps)?);
    Ok(())
}
