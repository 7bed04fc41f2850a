//! docs/exercises.md, done: each fault set by the page's own command, found by the page's own queries, and gone after the
//! command that ends it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::exercise_page::{Exercise, exercises, what_is_on};
use crate::harness::{Chain, Plan};
use crate::prometheus::Prometheus;
use crate::set::{Set, Wanted};
use crate::wait::until;

/// What the page looks back over, and what instead, so that a fault is out of sight a moment after it has ended.
const HURRY: (&str, &str) = ("[1m]", "[10s]");
/// What the one client waits between two requests.
const PAUSE: Duration = Duration::from_millis(200);
/// Requests after the end of a fault that none of the queries may find.
const AFTERWARDS: usize = 5;
/// Less than what any exercise calls slow.
const QUICK: Duration = Duration::from_millis(900);
/// The attribute that names a span's service in Tempo's answers.
const SERVICE: &str = "service.name";
/// The attribute that names the faults that a request has met.
const KIND: &str = "tracechain.fault.kind";

/// All of them, one after the other.
pub async fn every_fault_is_found_by_the_queries_of_its_exercise_and_only_while_it_is_on() {
    let tool = tool();
    let set = Set::start(&Wanted { prometheus: true, tempo: true, ..Wanted::default() }).await;
    let variables = [
        ("FAULTS", "1"),
        ("FAULTS_LISTEN", "127.0.0.1:0"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        // Connections are waited for half as long: no busy machine takes that, and the gateway waits longer.
        ("DATABASE_TIMEOUT_MS", "8000"),
    ];
    let variables = variables.map(|(name, value)| (name, value.to_owned())).into();
    let chain = Arc::new(Plan { variables, endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await);
    let _client = client(&chain);
    for exercise in exercises() {
        quiet(&set, &exercise).await;
        run(&tool, &chain, &exercise.set).await;
        found(&set, &exercise).await;
        run(&tool, &chain, &exercise.clear).await;
        gone(&set, &chain, &exercise).await;
        println!("exercises: {}", exercise.title);
    }
}

/// While the fault is on each query finds it, and nothing else.
async fn found(set: &Set, exercise: &Exercise) {
    let Exercise { title, service, kind, .. } = exercise;
    let prometheus = set.prometheus();
    let only = BTreeSet::from([service.clone()]);
    until("the metric that says what is on", async || {
        let on = prometheus.query(&what_is_on()).await?;
        let on: Vec<_> =
            on.iter().map(|sample| (&sample.labels["service_name"], &sample.labels["fault_kind"])).collect();
        if on == [(service, kind)] { Ok(()) } else { Err(format!("{title}: {on:?}")) }
    })
    .await;
    for query in &exercise.metrics {
        until("the metrics single it out", async || {
            let services = services(&prometheus, query).await?;
            if services == only { Ok(()) } else { Err(format!("{title}: {query} finds {services:?}")) }
        })
        .await;
    }
    for query in &exercise.traces {
        until("the traces single it out", async || {
            let spans = set.tempo().spans(query).await?;
            // A trace that is still arriving lacks the calls that tell who only waits. Those of the database are found at
            // the statement, which does not say what the request has met.
            let wrong = spans.iter().find(|(_, found)| {
                found.get(SERVICE) != Some(service) || found.get(KIND).is_some_and(|found| found != kind)
            });
            match wrong {
                Some(wrong) => Err(format!("{title}: {query} finds {wrong:?}")),
                None if spans.is_empty() => Err(format!("{title}: {query} finds nothing")),
                None => Ok(()),
            }
        })
        .await;
    }
}

/// When it has ended none of them finds anything of what comes afterwards.
async fn gone(set: &Set, chain: &Chain, exercise: &Exercise) {
    let Exercise { title, service, traces, .. } = exercise;
    let mut afterwards = BTreeSet::new();
    for _ in 0..AFTERWARDS {
        // What a busy machine refuses, or takes as long for as a fault would, is sent again; whether faults go on is seen by
        // the metrics below.
        let answer = until("a request goes through at once", async || {
            let begun = Instant::now();
            let answer = chain.plain().await;
            let quick = begun.elapsed() < QUICK;
            if answer.status == 200 && quick { Ok(answer) } else { Err(format!("{title}: {}", answer.text)) }
        })
        .await;
        afterwards.insert(answer.trace_id().to_owned());
    }
    let all = format!("{{ resource.service.name = \"{service}\" && kind = server }}");
    until("the traces that came afterwards", async || {
        let found: BTreeSet<_> = set.tempo().search(&all).await?.into_iter().collect();
        let missing = afterwards.difference(&found).count();
        if missing == 0 { Ok(()) } else { Err(format!("{title}: {missing} are missing")) }
    })
    .await;
    for query in traces {
        let found = set.tempo().search(query).await.expect("a search");
        let wrong: Vec<_> = found.iter().filter(|id| afterwards.contains(*id)).collect();
        assert_eq!(wrong, [] as [&String; 0], "{title}: {query}");
    }
    quiet(set, exercise).await;
}

/// No query of metrics finds anything.
async fn quiet(set: &Set, exercise: &Exercise) {
    let prometheus = set.prometheus();
    let queries = exercise.metrics.iter().cloned().chain([what_is_on()]);
    for query in queries {
        until("the metrics are quiet", async || {
            let found = prometheus.query(&query.replace(HURRY.0, HURRY.1)).await?;
            if found.is_empty() { Ok(()) } else { Err(format!("{}: {query} finds {found:?}", exercise.title)) }
        })
        .await;
    }
}

async fn services(prometheus: &Prometheus, query: &str) -> Result<BTreeSet<String>, String> {
    let found = prometheus.query(&query.replace(HURRY.0, HURRY.1)).await?;
    Ok(found.into_iter().filter_map(|mut sample| sample.labels.remove("service_name")).collect())
}

/// A command of the page, told where this chain is.
async fn run(tool: &PathBuf, chain: &Chain, command: &str) {
    let words = command.strip_prefix("cargo stack ").expect("a command of the tool").split(' ');
    let mut process = Command::new(tool);
    process.args(words);
    for (name, server) in [("user", &chain.user), ("order", &chain.order), ("audit", &chain.audit)] {
        let address = server.faults_address().expect("faults are on");
        process.arg("--url").arg(format!("{name}-service=http://{address}"));
    }
    let run = tokio::task::spawn_blocking(move || process.stdin(Stdio::null()).output());
    let output = run.await.expect("no panic").expect("the tool");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&said));
}

/// The tool, built when it is not: cargo builds the programs of another package only where it is asked to.
fn tool() -> PathBuf {
    let test = std::env::current_exe().expect("our own program");
    let folder = test.parent().and_then(std::path::Path::parent).expect("the folder of programs");
    let mut cargo = Command::new(env!("CARGO"));
    let built = cargo.args(["build", "--quiet", "--package", "stack"]).current_dir(native::state::checkout()).status();
    assert!(built.expect("cargo").success(), "the tool cannot be built");
    folder.join("stack")
}

/// A client that never stops asking; it ends with the test's runtime.
fn client(chain: &Arc<Chain>) -> JoinHandle<()> {
    let chain = Arc::clone(chain);
    tokio::spawn(async move {
        loop {
            chain.plain().await;
            tokio::time::sleep(PAUSE).await;
        }
    })
}
