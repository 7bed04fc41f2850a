//! A program under `#[actix_web::main]` that is ended by a signal: its runtime has one thread, and the end of the pipeline blocks
//! that.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Mutex;

use actix_web::web::{self, Path};
use actix_web::{App, HttpServer};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use telemetry::http_server::Traced;
use telemetry::{Config, Telemetry, logs};
use testkit::Receiver;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStderr, Command};

/// Set for a process that is the service: whether its end blocks the main task.
const SERVICE: &str = "ACTIX_TEST_BLOCKS";
/// Clients that ask at the same time.
const CLIENTS: usize = 4;
/// Answers before the signal is sent: some spans have left, and others wait.
const ANSWERS: usize = 60;

async fn hello(name: Path<String>) -> String {
    telemetry::in_span("greet", async { format!("hello, {name}") }).await
}

/// As a program of anybody's would be.
#[actix_web::main]
async fn service(blocks: bool) {
    logs::start("actix-service", "info").expect("a filter");
    let config = Config::from_env("actix-service", "1.0.0").expect("valid settings");
    let telemetry = Telemetry::start(&config).expect("it starts");
    let handle = telemetry.clone();
    let server = HttpServer::new(move || {
        let hello = web::resource("/hello/{name}").wrap(Traced::route("/hello/{name}")).get(hello);
        App::new().app_data(handle.clone()).service(hello)
    });
    let server = server.workers(1).bind(("127.0.0.1", 0)).expect("a port");
    tracing::info!(address = %server.addrs()[0], "it listens");
    server.run().await.expect("an orderly end");
    if blocks {
        telemetry.shutdown().expect("they arrive");
    } else {
        web::block(move || telemetry.shutdown()).await.expect("no panic").expect("they arrive");
    }
}

/// Does nothing but where a test makes it the service.
#[test]
fn a_process_of_its_own() {
    if let Ok(blocks) = std::env::var(SERVICE) {
        service(blocks == "true");
    }
}

/// Asks until the service is gone, and notes the trace of each answered request.
async fn ask(url: &str, answered: &Mutex<BTreeSet<String>>, answer_came: &dyn Fn(usize)) {
    let client = reqwest::Client::new();
    loop {
        let Ok(answer) = client.get(url).send().await else { return };
        let trace_id = answer.headers()["x-trace-id"].to_str().expect("an id").to_owned();
        if answer.status() == 200 && answer.bytes().await.is_ok() {
            let mut answered = answered.lock().expect("no panic");
            answered.insert(trace_id);
            answer_came(answered.len());
        }
    }
}

/// The next line with this message.
async fn said(log: &mut Lines<BufReader<ChildStderr>>, message: &str) -> Value {
    loop {
        let line =
            log.next_line().await.expect("a readable log").unwrap_or_else(|| panic!("it does not say {message}"));
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        if line["message"].as_str().is_some_and(|text| text.contains(message)) {
            return line;
        }
    }
}

/// Ends a process under load, and holds what arrived against what was answered.
async fn all_spans_arrive(protocol: &str, blocks: &str) {
    let receiver = Receiver::start();
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "actix_main::a_process_of_its_own", "--nocapture"]).env_clear().env(SERVICE, blocks);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    command.env("OTEL_METRICS_EXPORTER", "none").env("OTEL_LOGS_EXPORTER", "none");
    command.env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = command.kill_on_drop(true).spawn().expect("it starts");
    let mut log = BufReader::new(process.stderr.take().expect("a pipe")).lines();
    let listens = said(&mut log, "it listens").await;
    let url = format!("http://{}/hello/world", listens["address"].as_str().expect("an address"));
    let pid = Pid::from_raw(process.id().expect("it runs") as i32);
    let answered = Mutex::default();
    let answer_came = |answers| {
        if answers == ANSWERS {
            kill(pid, Signal::SIGTERM).expect("it lives");
        }
    };
    futures_util::future::join_all((0..CLIENTS).map(|_| ask(&url, &answered, &answer_came))).await;
    let account = said(&mut log, "span was delivered").await;
    while let Some(line) = log.next_line().await.expect("a readable log") {
        assert!(!line.contains("span was delivered"), "it is said once: {line}");
    }
    assert!(process.wait().await.expect("it ends").success(), "{account}");
    let spans = receiver.spans();
    assert_eq!(account["message"], "every span was delivered", "{account}");
    assert_eq!((&account["ended"], &account["exported"]), (&spans.len().into(), &spans.len().into()), "{account}");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let traces_of = |name: &str| -> BTreeSet<_> {
        spans.iter().filter(|span| span.name == name).map(|span| hex(&span.trace_id)).collect()
    };
    let answered = answered.into_inner().expect("no panic");
    assert!(answered.len() >= ANSWERS, "{} answered", answered.len());
    for name in ["GET /hello/{name}", "greet"] {
        let traces = traces_of(name);
        let lost: Vec<_> = answered.difference(&traces).collect();
        assert!(lost.is_empty(), "{protocol}, blocks: {blocks}: no {name} of {lost:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_of_a_program_under_actix_main_loses_no_span_and_says_so_in_one_line() {
    for protocol in ["http/protobuf", "grpc"] {
        for blocks in ["true", "false"] {
            all_spans_arrive(protocol, blocks).await;
        }
    }
}
