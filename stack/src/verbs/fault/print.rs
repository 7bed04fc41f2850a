//! What is on, and what was, for people and for programs.

use super::ask::Told;
use crate::cli::Context;
use crate::failure::Failure;
use contracts::fault::FaultStatus;

/// What is on.
pub fn on(context: &Context, all: &[Told], json: bool) -> Result<(), Failure> {
    let left = |fault: &FaultStatus| format!("{:>5} s left", fault.left_ms.div_ceil(1_000));
    rows(context, all, json, left, "no fault is on")
}

/// What was on until now.
pub fn ended(context: &Context, all: &[Told], json: bool) -> Result<(), Failure> {
    rows(context, all, json, |_| "ended".to_owned(), "no fault was on")
}

fn rows(
    context: &Context,
    all: &[Told],
    json: bool,
    state: impl Fn(&FaultStatus) -> String,
    none: &str,
) -> Result<(), Failure> {
    let terminal = &context.terminal;
    if json {
        let json = serde_json::to_string_pretty(all).map_err(|error| Failure::failed(error.to_string()))?;
        terminal.line(json);
        return Ok(());
    }
    let faults = all.iter().flat_map(|told| told.list.faults.iter().map(|fault| (&told.list.service, fault)));
    let mut any = false;
    for (service, fault) in faults {
        any = true;
        let what = terminal.paint("33", &format!("{:<18}", format!("{}={}", fault.kind, fault.value)));
        let requests = if fault.requests == 1 { "request" } else { "requests" };
        let held = fault.held.map_or_else(String::new, |held| {
            format!(", {held} {} taken so far", if held == 1 { "connection" } else { "connections" })
        });
        terminal.line(format!("{service:<14} {what} {}, met by {} {requests}{held}", state(fault), fault.requests));
    }
    if !any {
        terminal.line(none);
    }
    Ok(())
}
