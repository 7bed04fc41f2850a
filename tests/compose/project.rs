//! The two files as they are in the checkout.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A path below the checkout.
pub fn checkout(path: &str) -> PathBuf {
    native::state::checkout().join(path)
}

/// A file of the checkout.
pub fn text(path: &str) -> String {
    std::fs::read_to_string(checkout(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// docker-compose.yaml with its anchors and merge keys resolved, and its variables as they stand there.
pub fn compose() -> Value {
    serde_saphyr::from_str(&text("docker-compose.yaml")).expect("valid YAML")
}

/// The containers by name.
pub fn services() -> Map<String, Value> {
    compose()["services"].as_object().expect("services").clone()
}

/// Those that run until they are stopped; the others run to their end and are waited for.
pub fn lasting() -> Vec<(String, Value)> {
    services().into_iter().filter(|(_, service)| service["restart"] != "no").collect()
}

/// `.env`: value by name.
pub fn variables() -> BTreeMap<String, String> {
    let text = text(".env");
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once('=').unwrap_or_else(|| panic!("no NAME=value: {line}")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A list of texts; none is an empty one.
pub fn list(value: &Value) -> Vec<String> {
    let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().map(|entry| entry.as_str().map_or_else(|| entry.to_string(), str::to_owned)).collect()
}

/// A size such as `64m`, `205MiB` or `1g`, in bytes. A unit is of 1,024 in both notations.
pub fn bytes(size: &str) -> u64 {
    let digits = size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len());
    let (number, unit) = size.split_at(digits);
    let factor = match unit {
        "m" | "MiB" => 1 << 20,
        "g" | "GiB" => 1 << 30,
        _ => panic!("{size}: which unit is that?"),
    };
    number.parse::<u64>().expect("a number") * factor
}

/// A time such as `20s`, in seconds.
pub fn seconds(time: &Value) -> u64 {
    let text = time.as_str().unwrap_or_else(|| panic!("{time} is no time"));
    text.strip_suffix('s').and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{text} is not in seconds"))
}
