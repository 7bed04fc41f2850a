//! The first request through the chain, its trace, and where to go from there.

use crate::cli::Context;
use crate::settings::Settings;
use crate::supervisor::Status;
use crate::traces::{Found, Traces, WHOLE_LIMIT, Wanted, cannot_read_back};
use crate::verbs::load::{BODY, PATH};
use std::time::Duration;

/// How long a trace is waited for that may not be sampled: a whole one takes about a second.
const PERHAPS_LIMIT: Duration = Duration::from_secs(3);
/// The gateway's own limit is 10 s.
const ANSWER_LIMIT: Duration = Duration::from_secs(12);

/// Who calls whom, as PromQL.
const EDGES: &str = "traces_service_graph_request_total";
/// `{}`, which is TraceQL for all of them, as it stands in a URL.
const ALL_TRACES: &str = "%7B%7D";

/// Sends the README's request and draws its trace. Nothing here makes `up` fail: everything is up.
pub async fn show(context: &Context, status: &Status) {
    let terminal = &context.terminal;
    let url = format!("{}{PATH}", Settings::url(status.settings.ports.gateway));
    terminal.line(format!("\n{} curl {url} -H 'content-type: application/json' -d '{BODY}'", terminal.dim("$")));
    let wanted = match send(&url).await {
        Ok(wanted) => wanted,
        Err(reason) => return terminal.warn(format!("the first request failed: {reason}")),
    };
    let id = wanted.id;
    if let Some(elsewhere) = &status.elsewhere {
        return terminal.warn(format!("trace {id}: {}", cannot_read_back(elsewhere)));
    }
    if status.samples_none {
        return terminal.warn("nothing is sampled: there is no trace to show");
    }
    let traces = match Traces::of(status) {
        Ok(traces) => traces,
        Err(failure) => return terminal.warn(format!("trace {id} cannot be shown: {}", failure.message)),
    };
    let spinner = terminal.spinner();
    spinner.set_message("waiting for the trace to be whole");
    let limit = if status.samples_all { WHOLE_LIMIT } else { PERHAPS_LIMIT };
    let found = traces.whole(&wanted, limit).await;
    spinner.finish_and_clear();
    let is_there = matches!(found, Ok(Found::Whole(_) | Found::Broken(..)));
    match found {
        Ok(Found::Whole(tree)) => terminal.line(tree.render(&terminal.tree_style()).trim_end()),
        Ok(Found::Broken(tree, missing)) => {
            terminal.line(tree.render(&terminal.tree_style()).trim_end());
            for problem in missing {
                terminal.warn(format!("the trace is not whole: {problem}"));
            }
        }
        Ok(Found::Unknown) if !status.samples_all => terminal.warn(format!("trace {id} was not sampled")),
        Ok(Found::Unknown) => terminal.warn(format!("no span of trace {id} came within {} s", WHOLE_LIMIT.as_secs())),
        Err(failure) => terminal.warn(format!("trace {id} cannot be shown: {}", failure.message)),
    }
    if is_there {
        terminal.line(format!("\nthis trace    {}", traces.page(&id.to_string())));
    }
}

/// Where to look.
pub fn print_links(context: &Context, status: &Status) {
    let ports = &status.settings.ports;
    let docs = [ports.user, ports.order, ports.audit].map(|port| format!("{}/docs", Settings::url(port)));
    context.terminal.line(format!("all traces    {}", Settings::url(ports.observatory)));
    print_backends(context, &status.settings);
    context.terminal.line(format!("gateway       {}{PATH}", Settings::url(ports.gateway)));
    context.terminal.line(format!("API pages     {}", docs.join("  ")));
    context.terminal.line(format!("data, logs    {}", context.state.display()));
}

/// Where the backends answer, and what does not run. A Prometheus that is built by `go build` has no page: the API.
fn print_backends(context: &Context, settings: &Settings) {
    let Some(ports) = &settings.ports.backends else { return };
    let terminal = &context.terminal;
    terminal.line(format!("Prometheus    {}/api/v1/query?query={EDGES}", Settings::url(ports.prometheus)));
    if settings.runs("tempo") {
        terminal.line(format!("Tempo         {}/api/search?q={ALL_TRACES}", Settings::url(ports.tempo)));
    }
    if settings.runs("loki") {
        terminal.line(format!("Loki          {}/loki/api/v1/labels", Settings::url(ports.loki)));
    }
    terminal.line(format!("Collector     {}/metrics", Settings::url(ports.collector_metrics)));
    for (name, reason) in &settings.absent {
        let (first, rest) = name.split_at(1);
        terminal.warn(format!("{}{rest}: {reason}", first.to_uppercase()));
    }
}

/// Sends it, and says which trace there has to be.
async fn send(url: &str) -> Result<Wanted, String> {
    let client = reqwest::Client::builder().timeout(ANSWER_LIMIT).no_proxy().build();
    let request = client.map_err(|error| error.to_string())?.post(url);
    let answer = request.header("content-type", "application/json").body(BODY).send().await;
    let answer = answer.map_err(|error| error.to_string())?;
    let id = answer.headers().get("x-trace-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    if !status.is_success() {
        return Err(format!("{status} {body}"));
    }
    Wanted::of_answer(&id.ok_or_else(|| format!("{status} without X-Trace-Id"))?, body.as_bytes())
}
