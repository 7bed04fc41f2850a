//! Rules and alerts are about metrics that there are.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::prometheus::Prometheus;
use crate::wait::until;
use crate::world;

/// How the names begin that our programs, the Collector and Tempo give to metrics.
const OF_PROGRAMS: [&str; 5] = ["traces_", "http_", "db_", "otel_", "otelcol_"];
/// Only a failure makes these, and there is none here.
const OF_FAILURES: [&str; 2] = ["otelcol_exporter_enqueue_failed_spans", "otelcol_exporter_send_failed_spans"];

/// Every recording rule has a value, and every metric that a rule asks for exists.
pub async fn every_rule_is_about_metrics_that_exist() {
    let world = world::everything_kept().await;
    let prometheus = world.set.prometheus();
    let rules = until("all rules were evaluated", async || {
        let rules = prometheus.rules().await?;
        let unwell: Vec<_> = rules.iter().filter(|rule| rule["health"] != "ok").collect();
        if rules.is_empty() || !unwell.is_empty() { Err(format!("{unwell:?}")) } else { Ok(rules) }
    })
    .await;
    let mut asked = BTreeSet::new();
    for rule in &rules {
        let expression = rule["query"].as_str().unwrap_or_default();
        asked.extend(metrics(expression));
        if rule["type"] == "recording" {
            asked.insert(name(rule));
        }
    }
    for metric in asked.iter().filter(|metric| !OF_FAILURES.contains(&metric.as_str())) {
        exists(&prometheus, metric).await;
    }
    println!("rules: {} rules ask for {} metrics", rules.len(), asked.len());
}

async fn exists(prometheus: &Prometheus, metric: &str) {
    until("the metric exists", async || {
        let samples = prometheus.query(&format!("{{__name__=\"{metric}\"}}")).await?;
        if samples.iter().any(|sample| sample.value.is_finite()) {
            Ok(())
        } else {
            Err(format!("{metric}: {samples:?}"))
        }
    })
    .await;
}

fn name(rule: &Value) -> String {
    rule["name"].as_str().unwrap_or_default().to_owned()
}

/// The words of an expression that are names of metrics: not those in braces, which are labels, nor in brackets, which are
/// times, nor functions.
fn metrics(expression: &str) -> Vec<String> {
    let (mut outside, mut depth) = (String::new(), 0);
    for character in expression.chars() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ if depth == 0 => outside.push(character),
            _ => {}
        }
    }
    let words = outside.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    let of_program = |word: &str| word == "up" || OF_PROGRAMS.iter().any(|prefix| word.starts_with(prefix));
    words.filter(|word| word.contains(':') || of_program(word)).map(str::to_owned).collect()
}
