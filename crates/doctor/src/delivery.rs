//! How far the request's spans came, and who lost them.

use super::finding::Report;
use super::page::{Page, label};
use super::places::Places;
use super::request::{Account, Sent};
use super::web::Web;
use reqwest::StatusCode;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Half a second in the services, two at the gateway, three in the store; on a busy machine a little more.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(7);
/// A store has a span before its sender has read the answer, and counts it as taken: that long a sender may need for that.
const ACKNOWLEDGEMENT_LIMIT: Duration = Duration::from_secs(3);
/// How often a store, or a sender's account, is asked.
const ASK_EVERY: Duration = Duration::from_millis(300);

/// Follows the spans from the services to the stores; adds what it finds in the order of the way.
pub async fn examine(web: &Web, places: &Places, sent: &mut Sent, report: &mut Report) {
    let (tempo, observatory) = (
        places.tempo.as_ref().map(|url| format!("{url}/api/v2/traces/{}", sent.trace_id)),
        places.observatory.as_ref().map(|url| format!("{url}/api/traces/{}", sent.trace_id)),
    );
    let (tempo, observatory) = tokio::join!(arrival(web, tempo, sent), arrival(web, observatory, sent));
    read_accounts(web, sent).await;
    let lost = [&tempo, &observatory].into_iter().flatten().any(Result::is_err);
    let collector_answers = sent.collector.is_some();
    let mut explained = false;
    for account in &sent.services {
        explained |= service(account, places, collector_answers, lost, report);
    }
    if let Some(url) = &places.collector {
        explained |= collector(url, sent.collector.as_ref(), report);
    }
    for (store, arrived) in [("tempo", tempo), ("observatory", observatory)] {
        match arrived {
            None => {}
            Some(Ok(())) => report.ok(store, format!("has trace {} with spans of every service", sent.trace_id)),
            Some(Err(seen)) if explained => report.fail(store, seen, "the cause is above"),
            Some(Err(seen)) => report.fail(
                store,
                seen,
                format!("everything before it has handed its spans on: see the log of {store}"),
            ),
        }
    }
}

/// Reads what the senders say of their spans, until all say that theirs were taken, or it is too late for that.
async fn read_accounts(web: &Web, sent: &mut Sent) {
    let deadline = Instant::now() + ACKNOWLEDGEMENT_LIMIT;
    loop {
        sent.look_again(web).await;
        let settled = sent.services.iter().all(|account| account.sampled() == 0.0 || account.delivered() > 0.0)
            && sent.collector.as_ref().is_none_or(|account| stuck(account).is_empty());
        if settled || Instant::now() >= deadline {
            return;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Waits until a store has spans of every service; says what is missing.
async fn arrival(web: &Web, url: Option<String>, sent: &Sent) -> Option<Result<(), String>> {
    let url = url?;
    let deadline = Instant::now() + ARRIVAL_LIMIT;
    loop {
        let seen = match web.get(&url).await {
            Err(why) => Err(why),
            Ok(answer) if answer.status() == StatusCode::NOT_FOUND => {
                Err(format!("has no span of trace {}", sent.trace_id))
            }
            Ok(answer) if !answer.status().is_success() => Err(format!("answers {}", answer.status())),
            Ok(answer) => whole(&answer.text().await.unwrap_or_default(), sent),
        };
        if seen.is_ok() || Instant::now() >= deadline {
            return Some(seen);
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Whether everybody who answered is named in the trace's JSON.
fn whole(json: &str, sent: &Sent) -> Result<(), String> {
    let services = std::iter::once("api-gateway").chain(sent.steps.iter().map(String::as_str));
    let absent: BTreeSet<&str> = services.filter(|service| !json.contains(&format!("\"{service}\""))).collect();
    if absent.is_empty() {
        return Ok(());
    }
    // Tempo answers for a trace that it does not know as for one without spans.
    if absent.len() == sent.steps.len() + 1 {
        return Err(format!("has no span of trace {}", sent.trace_id));
    }
    let absent: Vec<_> = absent.into_iter().collect();
    Err(format!("has trace {} without spans of {}", sent.trace_id, absent.join(", ")))
}

/// What a service says of its spans; true when that explains a loss.
fn service(account: &Account, places: &Places, collector_answers: bool, lost: bool, report: &mut Report) -> bool {
    let name = account.name.as_str();
    let (sampled, left_out) = (account.sampled(), account.left_out());
    if sampled == 0.0 && left_out > 0.0 {
        report.fail(
            format!("{name}, sampling"),
            format!("left out all {left_out} spans"),
            format!(
                "nothing is sampled: look at OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG of the gateway, which decides for \
                 all, and of {name} where its sampler is not a parentbased_ one"
            ),
        );
        return true;
    }
    if sampled == 0.0 && lost {
        report.fail(
            format!("{name}, spans"),
            "made none",
            format!("look at OTEL_SDK_DISABLED and OTEL_TRACES_EXPORTER of {name}"),
        );
        return true;
    }
    let exported = account.delivered();
    if sampled > 0.0 && exported == 0.0 {
        let advice = match (&places.collector, collector_answers) {
            (Some(url), false) => format!("the Collector at {url} does not answer either: start it"),
            (Some(_), true) => format!(
                "the Collector answers, so OTEL_EXPORTER_OTLP_ENDPOINT of {name} names somebody else: set it to the Collector"
            ),
            (None, _) => format!("nobody takes them where OTEL_EXPORTER_OTLP_ENDPOINT of {name} points to"),
        };
        report.fail(format!("{name}, export"), format!("made {sampled} spans; none was taken from it"), advice);
        return true;
    }
    let losses = losses(account.now());
    match losses.is_empty() {
        true => {
            report.ok(format!("{name}, export"), format!("made {sampled} spans; {exported} were taken, none is lost"))
        }
        false => report.warn(
            format!("{name}, export"),
            format!("has lost spans since its start: {}", losses.join(", ")),
            "docs/TELEMETRY.md, The account of spans, says what each reason means",
        ),
    }
    false
}

/// Reasons with numbers, over the process' whole life.
fn losses(page: &Page) -> Vec<String> {
    let counted = [
        ("otel_sdk_processor_span_processed_total", ""),
        ("otel_sdk_exporter_span_exported_total", ""),
        // From the disk, where there is a spool; log records are there as well.
        ("telemetry_spool_lost_total", "signal=\"traces\""),
    ];
    let series =
        counted.into_iter().flat_map(|(metric, of)| page.series(metric).filter(move |(all, _)| all.contains(of)));
    let lost = series.filter(|(_, spans)| *spans > 0.0);
    lost.filter_map(|(labels, spans)| Some(format!("{} for {}", spans, label(labels, "error_type")?))).collect()
}

/// What the Collector took and handed on; true when that explains a loss.
fn collector(url: &str, account: Option<&Account>, report: &mut Report) -> bool {
    const NAME: &str = "otel-collector";
    let Some(account) = account else {
        report.fail(NAME, format!("{url} does not answer"), "start it: `cargo stack start otel-collector` or `docker compose up -d otel-collector`; its log names a mistake in its configuration");
        return true;
    };
    let refused = account.grown("otelcol_receiver_refused_spans", "");
    if refused > 0.0 {
        report.fail(NAME, format!("refused {refused} spans"), "its memory limit is reached: give it more, or sample");
        return true;
    }
    let taken = account.grown("otelcol_receiver_accepted_spans", "");
    let stuck = stuck(account);
    if stuck.is_empty() {
        report.ok(NAME, format!("took {taken} spans and handed them on"));
        return false;
    }
    report.fail(
        NAME,
        format!("took {taken} spans and could hand none of them to {}", stuck.join(", ")),
        "that store refuses or does not answer; the Collector's log says which, and keeps trying",
    );
    true
}

/// The exporters of a Collector that have handed on nothing of what came in.
fn stuck(account: &Account) -> Vec<&str> {
    if account.grown("otelcol_receiver_accepted_spans", "") == 0.0 {
        return Vec::new();
    }
    let queues = account.now().series("otelcol_exporter_queue_size");
    let exporters: BTreeSet<&str> = queues.filter_map(|(labels, _)| label(labels, "exporter")).collect();
    let of_traces = exporters.into_iter().filter(|name| !name.contains("prometheus") && !name.contains("loki"));
    let sent = |name: &str| account.grown("otelcol_exporter_sent_spans", &format!("exporter=\"{name}\""));
    of_traces.filter(|name| sent(name) == 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_are_lost_on_their_way_from_the_disk_are_lost() {
        let page = Page(
            "otel_sdk_exporter_span_exported_total 9\notel_sdk_exporter_span_exported_total{error_type=\"timeout\"} 0\n\
             otel_sdk_processor_span_processed_total{error_type=\"queue_full\"} 2\n\
             telemetry_spool_lost_total{signal=\"traces\",error_type=\"corrupt\"} 3\n\
             telemetry_spool_lost_total{signal=\"logs\",error_type=\"corrupt\"} 4\n"
                .to_owned(),
        );
        assert_eq!(losses(&page), ["2 for queue_full", "3 for corrupt"]);
    }
}
