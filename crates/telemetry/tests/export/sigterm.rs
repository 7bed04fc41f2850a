//! The end of a process under load: no answered request is without its span.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use testkit::{Receiver, fraud_service};

/// How often a process is ended.
const ROUNDS: u64 = 20;
/// Clients that ask at the same time.
const CLIENTS: u64 = 4;
/// Answers before the signal is sent: the process is busy, and some spans have left and others wait.
const ANSWERS: usize = 60;
/// Set in the process that is the service.
const SERVICE: &str = "EXPORT_TEST_IS_THE_SERVICE";

/// The service's process, and where it listens.
struct Service {
    process: Child,
    log: std::io::Lines<BufReader<std::process::ChildStderr>>,
    url: String,
}

impl Service {
    fn start(receiver: &Receiver, protocol: &str) -> Self {
        let test = concat!(module_path!(), "::sigterm_under_load_loses_no_span");
        let test = test.split_once("::").map_or(test, |(_, test)| test);
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", test, "--nocapture"])
            .env(SERVICE, "1")
            .env("LISTEN", "127.0.0.1:0")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())
            .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            .env("OTEL_METRICS_EXPORTER", "none")
            .env("OTEL_LOGS_EXPORTER", "none")
            .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16")
            .env("REQUEST_TIMEOUT_MS", "60000")
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log = BufReader::new(process.stderr.take().expect("its log")).lines();
        let started = next_line(&mut log, "service started").expect("it starts");
        let url = format!("http://{}/process", started["address"].as_str().expect("an address"));
        Self { process, log, url }
    }

    fn terminate(&self) {
        kill(Pid::from_raw(self.process.id() as i32), Signal::SIGTERM).expect("it lives");
    }

    /// Waits for its end, and gives back the line that says what became of its spans.
    fn account(mut self) -> Value {
        let account = next_line(&mut self.log, "span was delivered").expect("an account");
        // The rest of the log, so that it is never stuck in writing.
        self.log.for_each(drop);
        assert!(self.process.wait().expect("it ends").success());
        account
    }
}

fn next_line(lines: &mut impl Iterator<Item = std::io::Result<String>>, message: &str) -> Option<Value> {
    lines
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .find(|line| line["message"].as_str().is_some_and(|text| text.contains(message)))
}

/// Asks until the service is gone, and notes the trace of each answered request.
async fn ask(url: &str, number: &AtomicU64, answered: &Mutex<BTreeSet<String>>, enough: &dyn Fn(usize)) {
    let client = reqwest::Client::new();
    let user = json!({"id": 1, "name": "A", "email": "a@example.com"});
    let body = json!({"user": user, "action": "a"});
    loop {
        let trace_id = format!("{:032x}", number.fetch_add(1, Ordering::Relaxed));
        let request = client.post(url).json(&body).header("traceparent", format!("00-{trace_id}-00000000000000ab-01"));
        let Ok(answer) = request.send().await else { return };
        // A service that is stopping may refuse; what it answered well is what counts.
        if answer.status() == 200 && answer.bytes().await.is_ok() {
            let mut answered = answered.lock().expect("no panic");
            answered.insert(trace_id);
            enough(answered.len());
        }
    }
}

#[test]
fn sigterm_under_load_loses_no_span() {
    if std::env::var_os(SERVICE).is_some() {
        let config = fraud_service::config(chassis::Environment::of_process()).expect("valid settings");
        chassis::serve(config, fraud_service::start);
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let receiver = Receiver::start();
    let number = AtomicU64::new(1);
    for round in 0..ROUNDS {
        let protocol = crate::pipeline::PROTOCOLS[(round % 2) as usize];
        let service = Service::start(&receiver, protocol);
        let before = receiver.requests().len();
        let answered = Mutex::default();
        let enough = |answers| {
            if answers == ANSWERS {
                service.terminate();
            }
        };
        let clients = (0..CLIENTS).map(|_| ask(&service.url, &number, &answered, &enough));
        runtime.block_on(futures_util::future::join_all(clients));
        let account = service.account();
        let servers =
            receiver.requests()[before..].iter().flat_map(testkit::receiver::Request::spans).collect::<Vec<_>>();
        assert_eq!(account["message"], "every span was delivered", "round {round}: {account}");
        assert_eq!(account["exported"], servers.len(), "round {round}: {account}");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // SERVER is 2.
        let traces: BTreeSet<_> =
            servers.iter().filter(|span| span.kind == 2).map(|span| hex(&span.trace_id)).collect();
        let answered = answered.into_inner().expect("no panic");
        let lost: Vec<_> = answered.difference(&traces).collect();
        assert!(
            answered.len() >= ANSWERS && lost.is_empty(),
            "round {round}: {} answered, {lost:?} lost",
            answered.len()
        );
    }
}
