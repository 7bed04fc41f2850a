//! How much memory each container takes while the chain is busy.

use crate::load;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};
use serde_json::Value;
use std::time::Duration;

/// What all but Grafana may take together, and the load itself, which is no part of the stack.
const AIM_BYTES: f64 = 1.2 * (1_u64 << 30) as f64;
/// Requests a second.
const RATE: u32 = 200;
/// Long enough that queues, caches and the first blocks are what they will be.
const BUSY: Duration = Duration::from_secs(60);

/// The aim of the project; the rate that was reached is printed beside it.
pub async fn at_two_hundred_requests_a_second_all_but_grafana_take_at_most_1_2_gib() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    load::begin(&stack, RATE).await;
    tokio::time::sleep(BUSY).await;
    let used = used(&stack).expect("figures");
    let reached = load::reached(&stack).await.expect("a rate");
    load::end(&stack);
    println!("memory at {reached:.0} requests/s (asked for: {RATE}):");
    let mut sum = 0.0;
    for (service, bytes, limit) in &used {
        println!("  {service:16} {:>7.1} MiB of {:>5.0}", bytes / f64::from(1 << 20), limit / f64::from(1 << 20));
        if service != "load" && service != "grafana" {
            sum += bytes;
        }
    }
    println!("  {:16} {:>7.1} MiB without load and Grafana", "sum", sum / f64::from(1 << 20));
    assert!(sum <= AIM_BYTES, "more than 1.2 GiB");
    Outcome::Passed
}

/// What each running container uses, without the kernel's cache of files, and its limit, in bytes.
fn used(stack: &Stack) -> Result<Vec<(String, f64, f64)>, String> {
    let running: Vec<_> = stack.containers()?.into_iter().filter(|container| container.running).collect();
    let mut arguments = vec!["stats", "--no-stream", "--no-trunc", "--format", "{{json .}}"];
    arguments.extend(running.iter().map(|container| container.id.as_str()));
    let mut used = Vec::new();
    for line in stack.docker().ask(&arguments)?.lines() {
        let figures: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let id = figures["ID"].as_str().unwrap_or_default();
        let service = running.iter().find(|container| container.id == id).map(|container| container.service.clone());
        let (bytes, limit) =
            figures["MemUsage"].as_str().and_then(|usage| usage.split_once(" / ")).ok_or("no usage")?;
        used.push((service.unwrap_or_else(|| id.to_owned()), bytes_of(bytes)?, bytes_of(limit)?));
    }
    used.sort_by(|one, other| other.1.total_cmp(&one.1));
    Ok(used)
}

/// `12.5MiB`.
fn bytes_of(text: &str) -> Result<f64, String> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(|| text.to_owned())?;
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "B" => 1.0,
        "KiB" => f64::from(1 << 10),
        "MiB" => f64::from(1 << 20),
        "GiB" => f64::from(1 << 30),
        _ => return Err(format!("{text}: which unit is that?")),
    };
    number.parse::<f64>().map(|number| number * factor).map_err(|error| format!("{text}: {error}"))
}
