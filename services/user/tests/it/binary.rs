//! The service as a process: its log, its orderly end, its exit codes.

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::{Value, json};
use testkit::stub::Behaviour;
use testkit::{Answer, Backend, Client, Database, Settings, Stub, until};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::service;

struct Process {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Process {
    fn spawn(variables: &[(String, String)]) -> Self {
        Self::spawn_with(&[], variables)
    }

    fn spawn_with(arguments: &[&str], variables: &[(String, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_user-service"));
        command.args(arguments).env_clear().envs(variables.iter().cloned()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the binary is there");
        let log = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        Self { child, log }
    }

    /// The next line of the log with this message.
    async fn said(&mut self, message: &str) -> Value {
        while let Some(line) = self.log.next_line().await.expect("a readable log") {
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if line["message"] == message {
                return line;
            }
        }
        panic!("the process ended without {message:?}");
    }

    async fn client(&mut self) -> Client {
        let address = self.said("service started").await["address"].as_str().map(str::to_owned).expect("an address");
        Client::new(address.parse::<SocketAddr>().expect("an address"))
    }

    async fn terminate(&self) {
        let pid = self.child.id().expect("it runs").to_string();
        let kill = Command::new("/bin/sh").args(["-c", "kill -TERM \"$0\"", &pid]).status().await.expect("a shell");
        assert!(kill.success());
    }

    /// The exit code, and what was said until then.
    async fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        while let Some(line) = self.log.next_line().await.expect("a readable log") {
            rest.push_str(&line);
            rest.push('\n');
        }
        (self.child.wait().await.expect("it ends").code(), rest)
    }
}

async fn settings(backend: &Backend, database: &Database) -> Settings {
    // Longer than any test: what arrives was sent because the process ends.
    Settings::new(backend).database(database, "user").with("OTEL_BSP_SCHEDULE_DELAY", "3600000")
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_with_0_and_its_last_spans_arrive() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let mut process = Process::spawn(settings(&backend, &database).await.variables());
    let client = process.client().await;
    let answer = client.post("/process", &service::request()).await;
    assert_eq!(answer.status, 200);
    process.terminate().await;
    let (code, rest) = process.end().await;
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("service stopped"), "{rest}");
    let outline = "
        user-service server POST /process
          user-service internal resolve profile
            user-service client SELECT users";
    backend.expect(answer.trace_id(), outline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_under_way_is_answered_before_the_end() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let stub = Stub::start(Behaviour::Silence).await;
    let mut process =
        Process::spawn(settings(&backend, &database).await.with("NEXT_SERVICE_URL", stub.url()).variables());
    let client = process.client().await;
    let asking = tokio::spawn(async move { service::process_within(&client, 5_000).await });
    stub.asked(1).await;
    process.terminate().await;
    let answer: Answer = asking.await.expect("an answer");
    answer.expect_problem(504, "outcome-unknown");
    assert_eq!(process.end().await.0, Some(0));
    let outline = "
        user-service server POST /process [error: 504]
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST [error: timeout]";
    backend.expect(answer.trace_id(), outline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_are_json_with_the_trace_and_the_span_they_belong_to() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let settings = settings(&backend, &database).await.with("RUST_LOG", "debug,hyper=off,sqlx=off,h2=off");
    let mut process = Process::spawn(settings.variables());
    let client = process.client().await;
    let failed = client.get("/error").await;
    let line = process.said("request failed").await;
    assert_eq!((&line["level"], &line["code"], &line["status"]), (&"ERROR".into(), &"internal".into(), &500.into()));
    assert_eq!(line["cause"], "GET /error fails on purpose");
    assert_eq!(line["trace_id"], failed.trace_id());
    assert_eq!(line["service.name"], "user-service");
    assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
    let refused = client.get("/users/4242").await;
    let line = process.said("request refused").await;
    assert_eq!((&line["level"], &line["trace_id"]), (&"DEBUG".into(), &refused.trace_id().into()));
    process.terminate().await;
    assert_eq!(process.end().await.0, Some(0));
    let tree = backend.expect(failed.trace_id(), "user-service server GET /error [error: 500]").await;
    let refusal = backend.trace(refused.trace_id(), |tree| tree.len() == 2).await;
    let server = refusal.find("user-service", "GET /users/{id}").expect("the server span");
    assert_eq!(line["span_id"], server.span_id.to_string());
    assert_eq!(tree.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_has_a_name_or_an_email_address() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let (name, email) = ("Canary Nightingale", "canary@example.com");
    let mut process = Process::spawn(settings(&backend, &database).await.with("RUST_LOG", "debug").variables());
    let client = process.client().await;
    let request = json!({"user_id": 4242, "user_name": name, "user_email": email, "action": "buy"});
    assert_eq!(client.post("/process", &request).await.status, 200);
    let user = json!({"name": name, "email": email});
    client.post("/users", &user).await.expect_problem(409, "conflict");
    client.post("/users", &json!({"id": 0, "name": name, "email": email})).await.expect_problem(422, "invalid-request");
    client.get(&format!("/users?email={email}")).await.expect_problem(422, "invalid-request");
    database.execute(r#"ALTER TABLE "user".users ADD CHECK (email NOT LIKE 'canary%') NOT VALID"#).await;
    let refused = json!({"name": name, "email": "canary2@example.com"});
    client.post("/users", &refused).await.expect_problem(500, "internal");
    process.terminate().await;
    let (code, log) = process.end().await;
    assert_eq!(code, Some(0));
    assert!(log.contains("request failed") && log.contains("request refused"), "{log}");
    let canary = log.lines().find(|line| line.to_lowercase().contains("canary") || line.contains("Nightingale"));
    assert_eq!(canary, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_told_all_at_once_with_exit_code_78() {
    let wrong = [
        ("LISTEN", "everywhere"),
        ("NEXT_SERVICE_URL", "ftp://order"),
        ("REQUEST_TIMEOUT_MS", "soon"),
        ("DATABASE_TIMEOUT_MS", "-1"),
        ("DATABASE_CONNECTIONS", "many"),
        ("MIGRATION_DATABASE_URL", "not a url"),
        ("WORKERS", "2.5"),
        ("SHUTDOWN_TIMEOUT_MS", "later"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("TELEMETRY_PII", "yes"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (code, said) = Process::spawn(&wrong).end().await;
    assert_eq!(code, Some(78), "{said}");
    for name in wrong.iter().map(|(name, _)| name.as_str()).chain(["DATABASE_URL"]) {
        assert!(said.lines().any(|line| line.trim_start().starts_with(name)), "{name} is not in {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_filter_that_is_none_is_a_wrong_setting_too() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let settings = settings(&backend, &database).await.with("RUST_LOG", "user_service=loud");
    let (code, said) = Process::spawn(settings.variables()).end().await;
    assert_eq!(code, Some(78), "{said}");
    assert!(said.starts_with("RUST_LOG"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthcheck_ends_as_the_one_that_runs_answers() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let mut process = Process::spawn(settings(&backend, &database).await.variables());
    let address = process.said("service started").await["address"].as_str().map(str::to_owned).expect("an address");
    // The migrations run beside the start; until they have, it is not ready.
    let client = Client::new(address.parse().expect("an address"));
    until("it is ready", async || {
        let answer = client.get("/readyz").await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text) }
    })
    .await;
    let asked = settings(&backend, &database).await.with("LISTEN", &address);
    let ask = |argument: &str| Process::spawn_with(&[argument], asked.variables()).end();
    // It has as little time as a container's engine gives it: on a busy machine it may not be the first one that is answered.
    let well = until("it is well", async || {
        let (code, said) = ask("healthcheck").await;
        if code == Some(1) { Err(said) } else { Ok((code, said)) }
    });
    assert_eq!(well.await, (Some(0), String::new()));
    assert_eq!(ask("helthcheck").await.0, Some(2));
    process.terminate().await;
    assert_eq!(process.end().await.0, Some(0));
    let (code, said) = ask("healthcheck").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with(&format!("/readyz at {address}: no answer yet")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_named() {
    let (backend, database) = (Backend::start().await, Database::new().await);
    let taken = backend.server().http_addr().to_string();
    let settings = settings(&backend, &database).await.with("LISTEN", taken.clone());
    let (code, said) = Process::spawn(settings.variables()).end().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("cannot listen on {taken}")), "{said}");
}
