//! `cargo stack up`: from nothing to a whole trace.

mod first_request;
mod narration;

pub use narration::narrate;

use crate::cli::Context;
use crate::client::Client;
use crate::config::{Telemetry, faults, gateway_limits};
use crate::failure::{Failure, INTERRUPTED, Outcome};
use crate::settings::{self, Absent, NextArgs, PortArgs, Ports, Settings};
use crate::supervisor::stop_limits::WHOLE_STOP_LIMIT;
use crate::supervisor::{Event, Phase, Record, Request, Supervisor, make_directories};
use crate::{compile, packages};
use narration::Narrator;
use native::nginx::GatewayConfig;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const EXAMPLES: &str = "Examples:
  cargo stack up                      until Ctrl-C
  cargo stack up --detach             in the background; end it with: cargo stack down
  cargo stack up --gateway-port 8081  where 8080 is taken
  cargo stack up --next order=http://127.0.0.1:5004
  cargo stack up --backends           with Collector, Prometheus, and Tempo and Loki where they are
  FAULTS=1 cargo stack up             and break it: cargo stack fault --help
  OTEL_TRACES_SAMPLER=traceidratio OTEL_TRACES_SAMPLER_ARG=0.1 cargo stack up
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318 cargo stack up
  cargo stack --state-dir /tmp/second up --detach --port-offset 100

OTEL_*, RUST_LOG, TELEMETRY_PII, TRUST_INBOUND_TRACE and the services' own settings reach the services, a sampler as
its parentbased_ form: the gateway decides on a trace for all. nginx and PostgreSQL are installed with apt-get when
they are missing and we may (root, or sudo without a password).";

/// Held while a stack is being started: two `up` at once start one.
pub const LOCK: &str = "up.lock";
/// A detached supervisor opens its socket before it does anything else.
const SOCKET_LIMIT: Duration = Duration::from_secs(10);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Build and start everything, send one request, show its trace
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Return when all is up; a supervisor stays
    #[arg(short, long)]
    detach: bool,
    /// Run the real backends, too: Collector and Prometheus, and Tempo and Loki where their programs are
    #[arg(long)]
    backends: bool,
    /// Run what was built last
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    next: NextArgs,
    #[command(flatten)]
    ports: PortArgs,
}

/// Prepares, starts, shows the first trace; then waits for Ctrl-C unless detached.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let ports = args.ports.ports(args.backends, faults()?)?;
    // Read again where they are used; a wrong one must be known before anything is started.
    let telemetry = Telemetry::from_environment(ports.otlp_http)?;
    gateway_limits(&mut GatewayConfig::new(&context.state))?;
    make_directories(&context.state)?;
    let lock = lock(context)?;
    if let Some(client) = Client::find(&context.state) {
        return already_up(context, &client, &args, &ports).await;
    }
    let absent = if args.backends { backends(&telemetry)? } else { Absent::new() };
    super::down::end_leftovers(Record::read(&context.state), &context.state);
    packages::ensure(&context.terminal)?;
    ports.check_free(&absent)?;
    let programs = if args.no_build { compile::built_programs()? } else { compile::programs(&context.terminal)? };
    // Building takes minutes; somebody may have come in between.
    ports.check_free(&absent)?;
    let settings = Settings { state: context.state.clone(), programs, ports, next: args.next.by_service(), absent };
    // A foreground supervisor lives in this process, as long as this does.
    let foreground = if args.detach { None } else { Some(in_foreground(&settings)?) };
    let detached = if args.detach { Some(detach(&settings)?) } else { None };
    let client = await_socket(&context.state, detached)?;
    let interrupted = stop_on_signal(client.clone());
    let narrator = Narrator::new(context.terminal.clone());
    let outcome = show_start(context, &client, narrator).await;
    drop(lock);
    if let Err(failure) = outcome {
        // After a signal it is being stopped already; asking again changes nothing.
        client.order(&Request::Down).ok();
        await_end(&client).await;
        return if interrupted.load(Ordering::Relaxed) { Ok(INTERRUPTED) } else { Err(failure) };
    }
    stay_or_leave(context, foreground, &client).await
}

/// Without `--detach`: stays until everything has ended, and says what happens until then.
async fn stay_or_leave(context: &Context, foreground: Option<Arc<Supervisor>>, client: &Client) -> Outcome {
    let Some(supervisor) = foreground else {
        context
            .terminal
            .line(format!("running in the background; end it with: {}", context.terminal.bold("cargo stack down")));
        return Ok(0);
    };
    context.terminal.line(format!("running; end it with {}", context.terminal.bold("Ctrl-C")));
    let narrator = Narrator::from_now_on(context.terminal.clone());
    follow(client, narrator, |event| matches!(event, Event::Ended)).await?;
    tokio::task::spawn_blocking(move || supervisor.await_end())
        .await
        .map_err(|error| Failure::failed(error.to_string()))?;
    Ok(0)
}

/// Which backends do not run. Spans that go elsewhere would leave all of them empty.
fn backends(telemetry: &Telemetry) -> Result<Absent, Failure> {
    if let Some(elsewhere) = &telemetry.elsewhere {
        return Err(Failure::cannot(format!(
            "OTEL_EXPORTER_OTLP_ENDPOINT sends spans to {elsewhere}; unset it, or leave --backends out"
        )));
    }
    settings::absent()
}

/// Waits while another `up` is starting.
fn lock(context: &Context) -> Result<File, Failure> {
    let path = context.state.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| Failure::cannot(format!("{}: {error}", path.display())))?;
    if file.try_lock().is_err() {
        context.terminal.step("another `cargo stack up` is starting this stack; waiting for it");
        file.lock()?;
    }
    Ok(file)
}

/// The first one stays as it is; who asked for another one has to learn that.
async fn already_up(context: &Context, client: &Client, asked: &Args, ports: &Ports) -> Outcome {
    let status = client.status()?;
    let lacks_backends = asked.backends && status.settings.ports.backends.is_none();
    if lacks_backends {
        return Err(Failure::cannot(format!(
            "a stack without backends is up (supervisor pid {}); end it first: cargo stack down",
            status.supervisor_pid
        )));
    }
    if ports.faults.is_some() && status.settings.ports.faults.is_none() {
        return Err(Failure::cannot(format!(
            "a stack that takes no faults is up (supervisor pid {}); end it first: cargo stack down",
            status.supervisor_pid
        )));
    }
    let other_ports = asked.ports.ask_for_any() && status.settings.ports != *ports;
    let next = asked.next.by_service();
    if other_ports || (!next.is_empty() && status.settings.next != next) {
        return Err(Failure::cannot(format!(
            "a stack with other ports or another chain is up (supervisor pid {}); end it first: cargo stack down",
            status.supervisor_pid
        )));
    }
    context.terminal.done(format!("already up (supervisor pid {})", status.supervisor_pid));
    if status.phase != Phase::Ready {
        context.terminal.warn("not everything is ready; see: cargo stack status");
    }
    first_request::print_links(context, &status);
    Ok(0)
}

fn in_foreground(settings: &Settings) -> Result<Arc<Supervisor>, Failure> {
    let telemetry = Telemetry::from_environment(settings.ports.otlp_http)?;
    Supervisor::launch(settings.clone(), telemetry)
}

/// Starts this program again as a supervisor that leaves our session.
fn detach(settings: &Settings) -> Result<Child, Failure> {
    let log = File::create(settings.log("supervisor"))?;
    let settings_json = serde_json::to_string(settings).map_err(|error| Failure::failed(error.to_string()))?;
    Command::new(std::env::current_exe()?)
        .args(["supervise", &settings_json])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .current_dir("/")
        .spawn()
        .map_err(|error| Failure::failed(format!("cannot start the supervisor: {error}")))
}

fn await_socket(state: &Path, mut supervisor: Option<Child>) -> Result<Client, Failure> {
    let deadline = Instant::now() + SOCKET_LIMIT;
    loop {
        if let Some(client) = Client::find(state) {
            return Ok(client);
        }
        let ended = supervisor.as_mut().and_then(|supervisor| supervisor.try_wait().ok().flatten());
        if ended.is_some() || Instant::now() >= deadline {
            let log = crate::settings::logs(state).join("supervisor.log");
            let said = std::fs::read_to_string(log).unwrap_or_default();
            return Err(Failure::failed(format!("the supervisor does not answer: {}", said.trim())));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Narrates until everything is up, then sends the first request.
async fn show_start(context: &Context, client: &Client, narrator: Narrator) -> Result<(), Failure> {
    let decided = |event: &Event| matches!(event, Event::Ready | Event::Failed { .. } | Event::Stopping | Event::Ended);
    match follow(client, narrator, decided).await? {
        Some(Event::Ready) => {}
        Some(Event::Failed { reason }) => return Err(Failure::failed(reason)),
        _ => return Err(Failure::failed("stopped while starting")),
    }
    let status = client.status()?;
    first_request::show(context, &status).await;
    first_request::print_links(context, &status);
    Ok(())
}

/// Narrates events up to one that decides; `None` when the supervisor is gone.
async fn follow(
    client: &Client,
    mut narrator: Narrator,
    decides: impl Fn(&Event) -> bool + Send + 'static,
) -> Result<Option<Event>, Failure> {
    let events = client.events()?;
    let following = tokio::task::spawn_blocking(move || {
        for event in events {
            narrator.tell(&event);
            if decides(&event) {
                return Some(event);
            }
        }
        None
    });
    following.await.map_err(|error| Failure::failed(error.to_string()))
}

async fn await_end(client: &Client) {
    let client = client.clone();
    let waiting = tokio::task::spawn_blocking(move || client.await_ended(WHOLE_STOP_LIMIT));
    let _ = waiting.await;
}

/// On Ctrl-C and its like everything is stopped, whoever keeps it running. A second one ends at once: the kernel
/// then asks all processes of a foreground stack to end. Says whether there was one.
fn stop_on_signal(client: Client) -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&interrupted);
    tokio::spawn(async move {
        if signals().await.is_ok() {
            seen.store(true, Ordering::Relaxed);
            let _ = client.order(&Request::Down);
            if signals().await.is_ok() {
                std::process::exit(INTERRUPTED.into());
            }
        }
    });
    interrupted
}

/// Waits for a signal that asks a program to end.
pub async fn signals() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}
