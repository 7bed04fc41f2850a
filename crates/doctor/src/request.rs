//! The request that is followed, and what the services say of their spans before and after it.

use super::finding::Report;
use super::page::Page;
use super::places::Places;
use super::ports::named_holder;
use super::web::Web;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The user of the request; the migrations bring it.
const USER: u64 = 1001;
/// HTTP's dates are in whole seconds, and an answer takes a moment: less than this says nothing about a clock.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);
/// Where a span is counted when it begins.
const STARTED: &str = "otel_sdk_span_started_total";

/// What a program's `/metrics` said before and after the request.
pub struct Account {
    /// `service.name`, or the Collector's.
    pub name: String,
    url: String,
    before: Page,
    after: Page,
}

impl Account {
    fn new(name: &str, url: String, before: Page) -> Self {
        Self { name: name.to_owned(), url, after: before.clone(), before }
    }

    /// How much a metric has grown; of the series with this label, or of all.
    pub fn grown(&self, metric: &str, label: &str) -> f64 {
        self.after.sum(metric, label) - self.before.sum(metric, label)
    }

    /// Spans that were begun and left out.
    pub fn left_out(&self) -> f64 {
        self.grown(STARTED, "otel_span_sampling_result=\"DROP\"")
    }

    /// Spans that were begun and are to be sent.
    pub fn sampled(&self) -> f64 {
        self.grown(STARTED, "otel_span_sampling_result=\"RECORD_AND_SAMPLE\"")
    }

    /// Spans that a receiver took.
    pub fn delivered(&self) -> f64 {
        let taken = |page: &Page| page.sum_without("otel_sdk_exporter_span_exported_total", "error_type");
        taken(&self.after) - taken(&self.before)
    }

    /// The page as it is now.
    pub fn now(&self) -> &Page {
        &self.after
    }
}

/// A request that was answered with a trace id.
pub struct Sent {
    /// Its `X-Trace-Id`.
    pub trace_id: String,
    /// Who answered, in the chain's order.
    pub steps: Vec<String>,
    /// Each service that answers `/metrics`.
    pub services: Vec<Account>,
    /// The Collector, where it answers.
    pub collector: Option<Account>,
}

impl Sent {
    /// Reads all accounts again.
    pub async fn look_again(&mut self, web: &Web) {
        for account in self.services.iter_mut().chain(self.collector.as_mut()) {
            if let Ok(text) = web.text(&account.url).await {
                account.after = Page(text);
            }
        }
    }
}

/// Sends it; `None` when no trace can come of it.
pub async fn send(web: &Web, places: &Places, report: &mut Report) -> Option<Sent> {
    let mut services = Vec::new();
    for (service, url) in &places.services {
        services.extend(look_at(web, service, url, report).await);
    }
    let collector = match &places.collector {
        Some(url) => account(web, "otel-collector", url).await.ok(),
        None => None,
    };
    // Found again by it: in the store, in the audit log, in the services' own logs.
    let mark = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let body = serde_json::json!({"user_id": USER, "action": format!("doctor-{mark}")});
    let url = format!("{}/api/v1/process", places.gateway);
    let answer = match web.post(&url, &body).await {
        Ok(answer) => answer,
        Err(why) => {
            report.fail(
                "gateway",
                format!("{url} {why}"),
                "start the stack: `cargo stack up` or `docker compose up -d`; `--gateway URL` where it is elsewhere",
            );
            return None;
        }
    };
    let status = answer.status();
    let trace_id = answer.headers().get("x-trace-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let answer: serde_json::Value = answer.json().await.unwrap_or_default();
    let Some(trace_id) = trace_id else {
        report.fail(
            "gateway",
            format!("{url} answers {status} without X-Trace-Id{}", named_holder(&places.gateway)),
            "something else than the gateway listens there; end it or give `--gateway URL`",
        );
        return None;
    };
    report.trace_id = Some(trace_id.clone());
    if !status.is_success() {
        let text = |name: &str| answer[name].as_str().unwrap_or("nothing").to_owned();
        report.fail(
            "chain",
            format!("the request is answered with {status}: {} ({} says so)", text("detail"), text("service")),
            "see that service's log, and docs/PROBLEMS.md for the code",
        );
    }
    let steps = answer["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let steps: Vec<String> = steps.iter().filter_map(|step| step["service"].as_str()).map(str::to_owned).collect();
    if status.is_success() {
        whole_chain(places, &steps, report);
    }
    Some(Sent { trace_id, steps, services, collector })
}

/// Whether the request went through every service, in as many words as it takes.
fn whole_chain(places: &Places, steps: &[String], report: &mut Report) {
    let expected = places.services.iter().map(|(name, _)| name);
    match expected.clone().find(|name| !steps.contains(name)) {
        None => report.ok("chain", format!("api-gateway, {}", steps.join(", "))),
        Some(absent) => {
            let last = steps.last().map_or("the gateway", String::as_str);
            report.fail(
                "chain",
                format!("the request ends at {last}; {absent} was not asked"),
                format!("set NEXT_SERVICE_URL of {last} to the address of {absent} and start {last} again"),
            );
        }
    }
}

/// Looks whether a service answers, whether its clock is right, and reads its metrics.
async fn look_at(web: &Web, service: &str, url: &str, report: &mut Report) -> Option<Account> {
    let answer = match web.get(&format!("{url}/readyz")).await {
        Ok(answer) => answer,
        Err(why) => {
            report.fail(
                service,
                format!("{url} {why}"),
                format!("start it: `cargo stack start {service}` or `docker compose up -d {service}`"),
            );
            return None;
        }
    };
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).map(str::to_owned);
    if answer.status().is_success() {
        report.ok(service, format!("{url} is ready"));
    } else {
        let why: serde_json::Value = answer.json().await.unwrap_or_default();
        let why = why["detail"].as_str().unwrap_or("not ready").to_owned();
        report.fail(service, format!("{url} is not ready: {why}"), "look at the database and at the service's log");
    }
    if let Some(ahead) = date.as_deref().and_then(seconds_ahead) {
        clock(service, ahead, report);
    }
    match account(web, service, url).await {
        Ok(account) => Some(account),
        Err(why) => {
            report.warn(
                service,
                format!("{url}/metrics {why}"),
                "without its metrics nothing is known of the spans that it lost",
            );
            None
        }
    }
}

async fn account(web: &Web, name: &str, url: &str) -> Result<Account, String> {
    let url = format!("{url}/metrics");
    let page = Page(web.text(&url).await?);
    Ok(Account::new(name, url, page))
}

fn clock(service: &str, ahead: i64, report: &mut Report) {
    if ahead.unsigned_abs() <= CLOCK_TOLERANCE.as_secs() {
        return;
    }
    let seen = format!("its clock is {} s {}", ahead.abs(), if ahead > 0 { "ahead" } else { "behind" });
    let advice =
        "set the clocks by NTP: spans are drawn at the wrong time, and a search misses what is outside of its range";
    report.fail(format!("{service}, clock"), seen, advice);
}

/// How far an HTTP date is ahead of our own clock, in seconds; below 0 where it is behind.
fn seconds_ahead(date: &str) -> Option<i64> {
    let theirs = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let ours = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(theirs.as_secs()).ok()?.checked_sub(i64::try_from(ours.as_secs()).ok()?)
}
