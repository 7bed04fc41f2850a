//! The processes of a measurement: nginx as the gateway in one variant, another nginx as the services, and the
//! observatory, which takes the module's spans.

use super::Variant;
use super::client;
use crate::compile;
use crate::failure::Failure;
use native::nginx::{self, GatewayConfig, OtelModule, Sampler};
use native::process::{Process, Spec, http_answers};
use native::state;
use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a program may take to listen.
const READY_LIMIT: Duration = Duration::from_secs(20);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// More than a closed loop of this machine sends, so that no request is refused.
const NO_LIMIT: u32 = 1_000_000;

/// An nginx of a few lines.
const NGINX: &str = r#"daemon off;
worker_processes 1;
pid "DIRECTORY/nginx.pid";
error_log stderr crit;
events { worker_connections 1024; }
http {
    client_body_temp_path "DIRECTORY/body";
    proxy_temp_path "DIRECTORY/proxy";
    fastcgi_temp_path "DIRECTORY/fastcgi";
    uwsgi_temp_path "DIRECTORY/uwsgi";
    scgi_temp_path "DIRECTORY/scgi";
    access_log off;
    CONTENT
}
"#;
/// Services that do nothing: what they cost is not measured, but takes from the same processors.
const SERVICES: &str = r#"
    server {
        listen ADDRESS;
        location / { default_type application/json; return 200 '{"id":1001,"name":"Ada"}'; }
    }"#;
/// A single hop that only proxies: no routes, no limits, no log.
const BARE: &str = r#"
    upstream services { server SERVICES; keepalive 32; }
    server {
        listen ADDRESS;
        location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://services; }
    }"#;

/// What all variants share.
pub struct Ground {
    directory: PathBuf,
    module: PathBuf,
    services: SocketAddr,
    otlp: SocketAddr,
    observatory: SocketAddr,
    _processes: [Process; 2],
}

impl Ground {
    /// Starts the services and the observatory, with everything that is written in `directory`.
    pub fn start(directory: &Path, tell: &dyn Fn(&str)) -> Result<Self, Failure> {
        let given = OtelModule::given();
        let module = given.ok_or_else(|| Failure::cannot("NGINX_OTEL_MODULE names no module of nginx to measure"))?;
        tell("building the observatory, which takes the spans (the first time takes minutes)");
        let profile = compile::profile()?;
        let built = compile::build(["--profile", &profile, "--package", "observatory"], "the observatory")?;
        let program = built.first().ok_or_else(|| Failure::failed("cargo built no observatory"))?;
        let [services, observatory, otlp, http] = free_addresses()?;
        let observing = Spec::new("observatory", program)
            .env("OBSERVATORY_LISTEN_HTTP", observatory.to_string())
            .env("OBSERVATORY_OTLP_GRPC", otlp.to_string())
            .env("OBSERVATORY_OTLP_HTTP", http.to_string())
            .env("RUST_LOG", "error");
        let processes = [Process::start(observing)?, serve(&directory.join("services"), SERVICES, services)?];
        ready(&processes[0], observatory, "/readyz")?;
        ready(&processes[1], services, "/")?;
        Ok(Self { directory: directory.to_owned(), module, services, otlp, observatory, _processes: processes })
    }

    /// Spans that came so far.
    pub fn spans(&self) -> Result<u64, Failure> {
        let status: serde_json::Value = serde_json::from_slice(&client::get(self.observatory, "/api/status")?)
            .map_err(|error| Failure::failed(format!("the observatory's status: {error}")))?;
        Ok(status["received"].as_u64().unwrap_or_default())
    }

    /// The gateway in a variant, ready.
    pub fn gateway(&self, variant: Variant) -> Result<Gateway, Failure> {
        let directory = self.directory.join(variant.name());
        let [listen] = free_addresses()?;
        let process = match variant {
            Variant::Bare => serve(&directory, &BARE.replace("SERVICES", &self.services.to_string()), listen)?,
            _ => self.rendered(&directory, variant, listen)?,
        };
        ready(&process, listen, "/health")?;
        Ok(Gateway { address: listen, process })
    }

    fn rendered(&self, directory: &Path, variant: Variant, listen: SocketAddr) -> Result<Process, Failure> {
        let mut config = GatewayConfig::new(directory.join("run"));
        config.listen = listen;
        (config.user_upstream, config.order_upstream, config.audit_upstream) =
            (self.services, self.services, self.services);
        config.workers = Some(1);
        (config.rate_per_second, config.burst) = (NO_LIMIT, NO_LIMIT);
        if variant != Variant::Plain {
            config.otel = Some(OtelModule::new(&self.module, self.otlp));
        }
        if variant == Variant::Unsampled {
            config.sampler = Sampler::parse("always_off", None)?;
        }
        run(&nginx::render(&config, &directory.join("configuration"))?)
    }
}

/// A running gateway.
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    process: Process,
}

impl Gateway {
    /// Its only worker, with the module's threads.
    pub fn workers(&self) -> Result<Vec<u32>, Failure> {
        let pid = self.process.pid();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        Ok(children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect())
    }

    /// Ends it; what it still has of spans is sent.
    pub fn stop(self) {
        self.process.stop();
    }
}

/// Runs an nginx of a few lines.
fn serve(directory: &Path, content: &str, listen: SocketAddr) -> Result<Process, Failure> {
    state::create(directory)?;
    let text = NGINX.replace("CONTENT", content).replace("DIRECTORY", &directory.to_string_lossy());
    let main = directory.join("nginx.conf");
    fs::write(&main, text.replace("ADDRESS", &listen.to_string()))?;
    run(&main)
}

fn run(main: &Path) -> Result<Process, Failure> {
    let nginx = nginx::find()?;
    nginx::check(&nginx.path, main)?;
    let command = nginx::command(&nginx.path, main);
    let arguments: Vec<OsString> = command.get_args().map(Into::into).collect();
    Ok(Process::start(Spec::new("nginx", nginx.path).args(arguments))?)
}

fn ready(process: &Process, address: SocketAddr, path: &str) -> Result<(), Failure> {
    let deadline = Instant::now() + READY_LIMIT;
    loop {
        let Err(why) = http_answers(address, path) else { return Ok(()) };
        if let Some(exit) = process.exited() {
            return Err(Failure::failed(format!("it ended with {exit}: {}", process.last_lines().join("\n"))));
        }
        if Instant::now() > deadline {
            return Err(Failure::failed(format!("{address} does not answer: {why}")));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Addresses that nobody listens on, all different.
fn free_addresses<const COUNT: usize>() -> Result<[SocketAddr; COUNT], Failure> {
    let mut addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); COUNT];
    for address in &mut addresses {
        address.set_port(native::ports::free()?);
    }
    Ok(addresses)
}
