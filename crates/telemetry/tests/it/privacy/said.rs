//! Everything that leaves the process, wherever it goes.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use reqwest::Method;
use serde_json::Value;
use testkit::receiver::Request;
use testkit::stub::Behaviour;
use testkit::{Answer, Client, Database, Receiver, Reply, Stub};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::service::{DATABASE, NEXT, TEST};
use super::{EMAIL, NAME};

const SIGNALS: [&str; 3] = ["traces", "metrics", "logs"];

/// What left it, by where it went.
pub struct Said {
    /// Requests to the receiver: their signals, and their messages without compression, with their headers.
    pub requests: Vec<(&'static str, String)>,
    /// Files on the disk, by their signals.
    pub files: Vec<(&'static str, String)>,
    pub metrics: String,
    pub stderr: String,
    /// Headers of the request to the next service.
    pub headers: String,
}

impl Said {
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let sent = self.requests.iter().chain(&self.files).map(|(signal, text)| (*signal, text.as_str()));
        sent.chain([("/metrics", &*self.metrics), ("stderr", &*self.stderr), ("headers", &*self.headers)])
    }
}

/// All of this signal.
pub fn of(signal: &str, sent: &[(&'static str, String)]) -> String {
    sent.iter().filter(|(of, _)| *of == signal).map(|(_, text)| text.as_str()).collect()
}

/// What a process with these settings says. Where it may use the disk, its receiver takes nothing.
pub async fn said_by(variables: &[(&str, &str)]) -> Said {
    let (receiver, folder) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let next = Stub::start(Behaviour::Answer(200, "text/plain", String::new())).await;
    let database = Database::new().await;
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", TEST, "--nocapture"]).env_clear();
    command.env(NEXT, next.url()).env(DATABASE, database.url("user_service"));
    command.env("LISTEN", "127.0.0.1:0").env("RUST_LOG", "debug");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()).envs(variables.iter().copied());
    if variables.contains(&SPOOLED) {
        receiver.answer_always(Reply::Status(503, vec![]));
        command.env("TELEMETRY_SPOOL_DIRECTORY", folder.path());
    }
    let mut process = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("it runs");
    let mut log = BufReader::new(process.stderr.take().expect("a pipe")).lines();
    let (mut stderr, mut address) = (String::new(), None);
    while address.is_none() {
        let line = log.next_line().await.expect("a readable log").expect("it starts");
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        address = said["address"].as_str().map(|address| address.parse::<SocketAddr>().expect("an address"));
        stderr.push_str(&line);
    }
    let metrics = tell_secrets(&Client::new(address.expect("an address"))).await;
    terminate(&process).await;
    while let Some(line) = log.next_line().await.expect("a readable log") {
        stderr.push_str(&line);
        stderr.push('\n');
    }
    assert!(process.wait().await.expect("it ends").success(), "{stderr}");
    // The password in the URL is for the next service, in the one header that is for such.
    let mut called = next.received().remove(0).headers;
    called.retain(|(name, _)| name != "authorization");
    let requests = receiver.requests().iter().map(request).collect();
    Said { requests, files: files(folder.path()), metrics, stderr, headers: format!("{called:?}") }
}

/// The setting that lets a process use the disk: it does so soon.
pub const SPOOLED: (&str, &str) = ("OTEL_BSP_EXPORT_TIMEOUT", "1");

fn request(request: &Request) -> (&'static str, String) {
    let text = String::from_utf8_lossy(&request.message);
    (signal(&request.path), format!("{} {:?} {text}", request.path, request.headers))
}

/// The signal that a path is for: `/v1/logs`, or `/opentelemetry.proto.collector.logs.v1.LogsService/Export`.
fn signal(path: &str) -> &'static str {
    let word = |signal: &str| signal.strip_suffix('s').is_some_and(|word| path.contains(word));
    SIGNALS.into_iter().find(|signal| word(signal)).unwrap_or_else(|| panic!("{path} is of no signal"))
}

/// All files below a folder, with their names.
fn files(folder: &Path) -> Vec<(&'static str, String)> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => {
                let (name, bytes) = (path.to_string_lossy(), std::fs::read(&path).expect("a file"));
                vec![(signal(&name), format!("{name} {}", String::from_utf8_lossy(&bytes)))]
            }
        })
        .collect()
}

/// Asks for every route with secrets wherever a request can have one, and gives back `/metrics`.
async fn tell_secrets(client: &Client) -> String {
    for path in ["/person", "/call", "/value", "/panic", "/nowhere"] {
        let query = format!("secret=canary-query&email={EMAIL}&Signature=canary-query&page=7");
        let request = client
            .request(Method::GET, &format!("{path}?{query}"))
            .header("authorization", "Bearer canary-token")
            .header("cookie", "session=canary-cookie")
            // Without a traceparent there is nothing that a tracestate could belong to.
            .header("tracestate", "vendor=canary-state")
            .header("baggage", format!("user.email={EMAIL},secret=canary-baggage"));
        Answer::of(request).await;
    }
    let body = serde_json::json!({"name": NAME, "email": EMAIL, "password": "canary-body"});
    client.post("/person", &body).await;
    client.get("/metrics").await.text
}

async fn terminate(process: &Child) {
    let pid = process.id().expect("it runs").to_string();
    let kill = Command::new("/bin/sh").args(["-c", "kill -TERM \"$0\"", &pid]).status().await.expect("a shell");
    assert!(kill.success());
}
