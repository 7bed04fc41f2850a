//! The stack that tests look at: brought up by the first of them, taken down after the last. There is one at a time.

use crate::choice::Choice;
use crate::collector_metrics::CollectorMetrics;
use crate::containers::Container;
use crate::docker::{Docker, said, shown};
use crate::engine::Engine;
use crate::images::{self, Images};
use crate::loki::Loki;
use crate::prometheus::Prometheus;
use crate::tempo::Tempo;
use crate::up::all_are_well;
use crate::wait::until;
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

/// What every stack is made of.
pub struct Ground {
    engine: Engine,
    env: BTreeMap<String, String>,
    images: Images,
}

/// A stack that is up.
pub struct Stack {
    ground: Arc<Ground>,
    choice: Choice,
    project: String,
}

/// The ground, and the stack that is up now.
type Here = (Arc<Ground>, Option<Arc<Stack>>);

static HERE: Mutex<Option<Result<Here, String>>> = Mutex::const_new(None);

/// The stack as .env has it; `None` where it is not asked for.
pub async fn shared() -> Option<Arc<Stack>> {
    with(Choice::AsItIs).await
}

/// The stack with what is chosen in .env; another one that is up is taken down. `None` where it is not asked for.
pub async fn with(choice: Choice) -> Option<Arc<Stack>> {
    std::env::var_os(ASKED_FOR)?;
    let mut here = HERE.lock().await;
    let here = here.get_or_insert_with(|| Ground::prepare().map(|ground| (Arc::new(ground), None)));
    let (ground, current) = here.as_mut().unwrap_or_else(|reason| panic!("there can be no stack: {reason}"));
    if let Some(stack) = current.as_ref().filter(|stack| stack.choice == choice) {
        return Some(Arc::clone(stack));
    }
    if let Some(other) = current.take() {
        other.down();
    }
    let stack = Stack::up(Arc::clone(ground), choice).unwrap_or_else(|reason| panic!("it does not come up: {reason}"));
    let stack = Arc::clone(current.insert(Arc::new(stack)));
    until("all are healthy", async || all_are_well(&stack)).await;
    Some(stack)
}

/// Takes it down with everything that it has written, and stops the engine where it is ours.
pub async fn end() {
    if let Some(Ok((_, Some(stack)))) = HERE.lock().await.take() {
        stack.down();
    }
}

/// `.env` of the checkout.
fn env_file() -> BTreeMap<String, String> {
    let path = native::state::checkout().join(".env");
    let text = std::fs::read_to_string(path).expect(".env is there");
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Ground {
    fn prepare() -> Result<Self, String> {
        let engine = Engine::find_or_start()?;
        let env = env_file();
        let images = images::get(&engine.docker, &env)?;
        println!("stand-ins for {:?}; without {:?}", images.stand_ins, images.missing);
        Ok(Self { engine, env, images })
    }
}

impl Stack {
    fn up(ground: Arc<Ground>, choice: Choice) -> Result<Self, String> {
        let project = format!("tracechain-test-{}-{}", std::process::id(), choice.name());
        let stack = Self { ground, choice, project };
        shown(stack.compose(&["build", "prepare"]))?;
        let services = stack.services()?;
        let mut up = vec!["up", "--detach", "--no-build", "--quiet-pull"];
        up.extend(services.iter().map(String::as_str));
        let outcome = shown(stack.compose(&up));
        if outcome.is_err() {
            let _ = shown(stack.compose(&["logs", "--tail", "20"]));
            stack.down();
        }
        outcome.map(|()| stack)
    }

    fn down(&self) {
        println!("\ntaking the stack {} down", self.choice.name());
        if let Err(error) = shown(self.compose(&["--profile", "*", "down", "--volumes", "--timeout", "20"])) {
            println!("{error}");
        }
    }

    /// Those of the chosen profiles whose images are there.
    fn services(&self) -> Result<Vec<String>, String> {
        let config: Value =
            serde_json::from_str(&said(self.compose(&["config", "--format", "json"]))?).map_err(|e| e.to_string())?;
        let services = config["services"].as_object().cloned().unwrap_or_default().into_iter();
        let Ground { images, env, .. } = &*self.ground;
        let missing: Vec<&String> = images.missing.iter().filter_map(|name| env.get(name)).collect();
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
        let mut command = self.docker().command(&all);
        for port in self.ground.env.keys().filter(|name| name.ends_with("_PORT")) {
            command.env(port, "0");
        }
        command.envs(self.choice.variables().iter().copied());
        command.env("BUILD_PROFILE", "stack").env("COMPOSE_PROGRESS", "plain");
        command
    }

    /// Whether nginx has no module here, and gateway-spans makes the gateway's spans.
    pub fn native_gateway(&self) -> bool {
        self.ground.images.stand_ins.contains("NGINX_IMAGE")
    }

    /// The client of the engine.
    pub fn docker(&self) -> &Docker {
        &self.ground.engine.docker
    }

    /// All containers that are there, also those that have ended.
    pub fn containers(&self) -> Result<Vec<Container>, String> {
        Container::all(self.docker(), &self.project)
    }

    /// The container of a service, by the service's name.
    pub fn container(&self, service: &str) -> Result<Container, String> {
        self.containers()?
            .into_iter()
            .find(|one| one.service == service)
            .ok_or_else(|| format!("there is no {service}"))
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

    /// Loki's API; `None` where it could not be run.
    pub fn loki(&self) -> Option<Loki> {
        Some(Loki::at(self.address("loki", 3100).ok()?))
    }

    /// The way into the chain.
    pub fn gateway(&self) -> Result<Client, String> {
        Ok(Client::new(self.address("gateway", 8080)?))
    }

    /// The services, in the order of the chain.
    pub fn services_addresses(&self) -> Result<[SocketAddr; 3], String> {
        let of = |service: &str, port| self.address(service, port);
        Ok([of("user-service", 5001)?, of("order-service", 5002)?, of("audit-service", 5003)?])
    }

    /// What the Collector says of itself.
    pub async fn collector(&self) -> Result<CollectorMetrics, String> {
        Ok(CollectorMetrics::of(&Client::new(self.address("otel-collector", 8888)?)).await)
    }

    /// A request that goes through the whole chain.
    pub async fn process(&self, user_id: u64) -> Result<Answer, String> {
        process(&self.gateway()?, user_id).await
    }

    /// A request that fails on purpose.
    pub async fn fail(&self) -> Result<Answer, String> {
        answer(self.gateway()?.request(reqwest::Method::GET, "/api/v1/error")).await
    }
}

/// A request that goes through the whole chain, which may be broken now.
pub async fn process(gateway: &Client, user_id: u64) -> Result<Answer, String> {
    let body = json!({"user_id": user_id, "action": "test_trace"});
    answer(gateway.request(reqwest::Method::POST, "/api/v1/process").json(&body)).await
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.map_err(|error| error.to_string())?;
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer { status, headers, text, body })
}
