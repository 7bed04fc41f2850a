//! The one stack that all tests look at: brought up by the first of them, taken down after the last.

use crate::containers::Container;
use crate::docker::{Docker, said, shown};
use crate::engine::Engine;
use crate::images::{self, Images};
use crate::prometheus::Prometheus;
use crate::tempo::Tempo;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use testkit::{Answer, Client};
use tokio::sync::Mutex;

/// What `cargo stack test --compose` sets.
const ASKED_FOR: &str = "TRACECHAIN_TEST_COMPOSE";
/// Why a test is skipped everywhere else.
pub const NOT_ASKED_FOR: &str = "cargo stack test --compose runs it";
/// A stack that is up.
pub struct Stack {
    engine: Engine,
    project: String,
    env: BTreeMap<String, String>,
    images: Images,
}

static STACK: Mutex<Option<Result<Arc<Stack>, String>>> = Mutex::const_new(None);

/// The stack; `None` where it is not asked for.
pub async fn shared() -> Option<Arc<Stack>> {
    std::env::var_os(ASKED_FOR)?;
    let mut stack = STACK.lock().await;
    match stack.get_or_insert_with(|| Stack::up().map(Arc::new)) {
        Ok(stack) => Some(Arc::clone(stack)),
        Err(reason) => panic!("the stack does not come up: {reason}"),
    }
}

/// Takes it down with everything that it has written.
pub async fn end() {
    if let Some(Ok(stack)) = STACK.lock().await.take() {
        println!("\ntaking the stack down");
        if let Err(error) = shown(stack.compose(&["--profile", "*", "down", "--volumes", "--timeout", "20"])) {
            println!("{error}");
        }
    }
}

/// `.env` of the checkout.
fn env_file() -> BTreeMap<String, String> {
    let path = native::state::checkout().join(".env");
    let text = std::fs::read_to_string(path).expect(".env is there");
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Stack {
    fn up() -> Result<Self, String> {
        let engine = Engine::find_or_start()?;
        let env = env_file();
        let images = images::get(&engine.docker, &env)?;
        let stack = Self { engine, project: format!("tracechain-test-{}", std::process::id()), env, images };
        println!("stand-ins for {:?}; without {:?}", stack.images.stand_ins, stack.images.missing);
        shown(stack.compose(&["build", "prepare"]))?;
        let services = stack.services()?;
        let mut up = vec!["up", "--detach", "--no-build", "--quiet-pull"];
        up.extend(services.iter().map(String::as_str));
        let outcome = shown(stack.compose(&up));
        if outcome.is_err() {
            let _ = shown(stack.compose(&["logs", "--tail", "20"]));
            let _ = shown(stack.compose(&["--profile", "*", "down", "--volumes", "--timeout", "5"]));
        }
        outcome.map(|()| stack)
    }

    /// Those of the default profile whose images are there.
    fn services(&self) -> Result<Vec<String>, String> {
        let config: Value =
            serde_json::from_str(&said(self.compose(&["config", "--format", "json"]))?).map_err(|e| e.to_string())?;
        let services = config["services"].as_object().cloned().unwrap_or_default().into_iter();
        let missing: Vec<&String> = self.images.missing.iter().filter_map(|name| self.env.get(name)).collect();
        let there = services.filter(|(_, service)| missing.iter().all(|image| service["image"] != **image));
        Ok(there.map(|(name, _)| name).collect())
    }

    /// `docker compose` with this stack's files, ports of the engine's choice, and a name of its own.
    pub fn compose(&self, arguments: &[&str]) -> Command {
        let mut all = vec!["compose", "--project-name", &self.project, "--file", "docker-compose.yaml"];
        if self.native_gateway() {
            all.extend(["--file", "tests/compose/stand-ins/compose.yaml"]);
        }
        all.extend(arguments);
        let mut command = self.engine.docker.command(&all);
        for port in self.env.keys().filter(|name| name.ends_with("_PORT")) {
            command.env(port, "0");
        }
        command.env("BUILD_PROFILE", "stack").env("COMPOSE_PROGRESS", "plain");
        command
    }

    /// Has the container of the profile send so many requests a second from now on.
    pub fn load(&self, rate: u32) -> Result<(), String> {
        let mut up = self.compose(&["--profile", "load", "up", "--detach", "--no-build", "--no-deps", "load"]);
        up.env("LOAD_RATE", rate.to_string());
        shown(up)
    }

    /// Whether nginx has no module here, and gateway-spans makes the gateway's spans.
    pub fn native_gateway(&self) -> bool {
        self.images.stand_ins.contains("NGINX_IMAGE")
    }

    /// The client of the engine.
    pub fn docker(&self) -> &Docker {
        &self.engine.docker
    }

    /// All containers that are there, also those that have ended.
    pub fn containers(&self) -> Result<Vec<Container>, String> {
        Container::all(&self.engine.docker, &self.project)
    }

    /// Where a port of a container is on this machine; it may be another one after a restart.
    pub fn address(&self, service: &str, port: u16) -> Result<SocketAddr, String> {
        let address = said(self.compose(&["port", service, &port.to_string()]))?;
        address.parse().map_err(|_| format!("{service}:{port} is published at {address:?}"))
    }

    /// Prometheus' API.
    pub fn prometheus(&self) -> Result<Prometheus, String> {
        Ok(Prometheus::at(self.address("prometheus", 9090)?))
    }

    /// Tempo's API.
    pub fn tempo(&self) -> Result<Tempo, String> {
        Ok(Tempo::at(self.address("tempo", 3200)?))
    }

    /// A request that goes through the whole chain.
    pub async fn process(&self, user_id: u64) -> Result<Answer, String> {
        let client = Client::new(self.address("gateway", 8080)?);
        let body = json!({"user_id": user_id, "action": "test_trace"});
        let request = client.request(reqwest::Method::POST, "/api/v1/process").json(&body);
        answer(request).await
    }

    /// A request that fails on purpose.
    pub async fn fail(&self) -> Result<Answer, String> {
        let client = Client::new(self.address("gateway", 8080)?);
        answer(client.request(reqwest::Method::GET, "/api/v1/error")).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.map_err(|error| error.to_string())?;
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer { status, headers, text, body })
}
