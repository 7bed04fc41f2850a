//! Before anything has failed every panel draws, every alert has something to compare, and every count of failures is 0: what
//! begins to exist with the first failure cannot show that there was none, and its first value is in no rate.

use crate::dashboards::{Query, queries};
use crate::harness::Plan;
use crate::prometheus::Prometheus;
use crate::set::{Set, Wanted};
use crate::shown::{OF_TEMPO, SERVICE_MAP, returns_data};
use crate::traffic::{self, Counts};
use crate::wait::until;

/// Sent twice, as a rate needs two samples.
const ROUND: Counts = Counts { whole: 3, failing: 0, unknown_user: 0, no_route: 0 };
/// What our programs count of failures, by the reasons that have a count from the start on. A status that a receiver
/// refuses with comes with the first such refusal.
const OURS: [&str; 11] = [
    "otel_sdk_processor_span_processed_total{error_type=\"queue_full\"}",
    "otel_sdk_processor_span_processed_total{error_type=\"shutdown\"}",
    "otel_sdk_exporter_span_exported_total{error_type=\"rejected\"}",
    "otel_sdk_exporter_span_exported_total{error_type=\"timeout\"}",
    "otel_sdk_exporter_span_exported_total{error_type=\"connection\"}",
    "otel_sdk_exporter_span_exported_total{error_type=\"bad_answer\"}",
    "otel_sdk_exporter_span_exported_total{error_type=\"shutdown\"}",
    "telemetry_spool_lost_total{error_type=\"corrupt\"}",
    "telemetry_spool_lost_total{error_type=\"rejected\"}",
    "telemetry_spool_lost_total{error_type=\"unreadable\"}",
    "db_client_connection_timeouts_total",
];
/// The reasons of losses from a disk that no other count has.
const OF_THE_DISK: [&str; 2] = ["corrupt", "unreadable"];
/// What the Collector counts from its start on.
const OF_THE_COLLECTOR: &str = "otelcol_receiver_refused_spans";
/// The services of a chain.
const SERVICES: f64 = 3.0;
/// What compares, the longer ones first.
const COMPARISONS: [&str; 6] = ["==", "!=", ">=", "<=", ">", "<"];

/// All of it on a stack in which nothing has failed.
pub async fn panels_alerts_and_counters_have_data() {
    let set = Set::start(&Wanted { prometheus: true, ..Wanted::default() }).await;
    let prometheus = set.prometheus();
    let spool = tempfile::tempdir().expect("a folder");
    let variables = vec![
        ("OTEL_METRICS_EXPORTER", "otlp".to_owned()),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000".to_owned()),
        ("TELEMETRY_SPOOL_DIRECTORY", spool.path().to_str().expect("a plain path").to_owned()),
    ];
    let chain = Plan { variables, endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await;
    for rounds in 1..=2 {
        traffic::send(&chain, ROUND).await;
        until("the requests are in the service graph", async || {
            let counted = prometheus.sum("traces_service_graph_request_total{server=\"api-gateway\"}").await?;
            let sent = ROUND.times(rounds).all() as f64;
            if counted >= sent { Ok(()) } else { Err(format!("{counted} of {sent}")) }
        })
        .await;
    }
    every_counter_is_zero(&prometheus).await;
    every_alert_compares_something(&prometheus).await;
    for (place, query) in queries() {
        let expressions = match query {
            Query::Metrics(expression) => vec![expression],
            // Grafana takes a count of failed calls that is not there as none.
            Query::ServiceMap(labels) => {
                let drawn = SERVICE_MAP.iter().filter(|metric| !metric.contains("failed"));
                drawn.map(|metric| format!("{metric}{labels}")).collect()
            }
            Query::Values(..) | Query::Traces(_) | Query::Logs(_) => continue,
        };
        for expression in expressions.iter().filter(|expression| !expression.contains(OF_TEMPO)) {
            returns_data(&prometheus, &place, expression).await;
            if expression.contains("telemetry_spool_lost_total") {
                draws_what_the_disk_loses(&prometheus, &place, expression).await;
            }
        }
    }
}

/// Other losses are data enough for a query that has none of these.
async fn draws_what_the_disk_loses(prometheus: &Prometheus, place: &str, expression: &str) {
    until(place, async || {
        let samples = prometheus.query(expression).await?;
        let is_drawn =
            |reason| samples.iter().any(|sample| sample.labels.get("error_type").is_some_and(|is| is == reason));
        if OF_THE_DISK.into_iter().all(is_drawn) { Ok(()) } else { Err(format!("{expression} gives {samples:?}")) }
    })
    .await;
}

async fn every_counter_is_zero(prometheus: &Prometheus) {
    for counter in OURS {
        until("every service has the counter", async || {
            let services = prometheus.query(&format!("count(count by (service_name) ({counter}))")).await?;
            let has = services.first().map_or(0.0, |sample| sample.value);
            if has == SERVICES { Ok(()) } else { Err(format!("{counter}: {has} services have it")) }
        })
        .await;
        assert_eq!(prometheus.sum(counter).await, Ok(0.0), "{counter}");
    }
    returns_data(prometheus, "the Collector", OF_THE_COLLECTOR).await;
    assert_eq!(prometheus.sum(OF_THE_COLLECTOR).await, Ok(0.0));
}

async fn every_alert_compares_something(prometheus: &Prometheus) {
    let rules = prometheus.rules().await.expect("an answer");
    let alerts: Vec<_> = rules.iter().filter(|rule| rule["type"] == "alerting").collect();
    assert!(!alerts.is_empty(), "there are no alerts");
    for alert in alerts {
        let name = alert["name"].as_str().unwrap_or_default();
        for side in left_sides(alert["query"].as_str().unwrap_or_default()) {
            returns_data(prometheus, name, &side).await;
        }
    }
    // A machine that was slow is no failure, and has alerts of its own.
    let firing = "ALERTS{alertstate=\"firing\",alertname!~\"GatewayMuchTooSlow|GatewaySteadilySlow\"}";
    let firing = prometheus.query(firing).await.expect("an answer");
    assert!(firing.is_empty(), "nothing has failed: {firing:?}");
}

/// What is compared in each part of an expression that is joined by `and`.
fn left_sides(expression: &str) -> Vec<String> {
    let mut sides = vec![String::new()];
    let (mut depth, mut compared) = (0_usize, false);
    for (at, character) in expression.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        let rest = &expression[at..];
        if depth == 0 && rest.starts_with("and ") {
            sides.push(String::new());
            compared = false;
        }
        compared |= depth == 0 && COMPARISONS.iter().any(|comparison| rest.starts_with(comparison));
        if !compared {
            sides.last_mut().expect("there is one").push(character);
        }
    }
    sides.iter().map(|side| side.trim().trim_start_matches("and ").to_owned()).collect()
}

/// Sides are found in every form that the alerts have.
pub async fn left_sides_are_what_is_compared() {
    let sides = left_sides("a:ratio > 14.4 * scalar(b) and (sum(rate(c{d!=\"\"}[5m])) or vector(0)) == 0");
    assert_eq!(sides, ["a:ratio", "(sum(rate(c{d!=\"\"}[5m])) or vector(0))"]);
    let queue = "max by (e) (q) > 100 and max by (e) (deriv(q[1m])) > 0";
    assert_eq!(left_sides(queue), ["max by (e) (q)", "max by (e) (deriv(q[1m]))"]);
}
