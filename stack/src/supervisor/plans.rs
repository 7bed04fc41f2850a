//! How each process of a stack is run: program, settings, readiness.

use super::bring_up::DATABASE;
use super::stop_limits::GATEWAY_STOP;
use crate::config::{self, Telemetry};
use crate::failure::Failure;
use crate::settings::{Ports, Settings};
use native::backends::Settings as Backends;
use native::nginx::{self, GatewayConfig, Sampler};
use native::postgres::{Passwords, PreparedCluster};
use native::process::{Plan, Process, Ready, Spec, http_answers};

/// Where a process listens.
pub fn url(ports: &Ports, name: &str) -> Option<String> {
    let port = match name {
        "gateway" => ports.gateway,
        "user-service" => ports.user,
        "order-service" => ports.order,
        "audit-service" => ports.audit,
        "observatory" => ports.observatory,
        "otel-collector" => ports.otlp_http,
        "prometheus" => ports.backends.as_ref()?.prometheus,
        "tempo" => ports.backends.as_ref()?.tempo,
        "loki" => ports.backends.as_ref()?.loki,
        "postgres" => return Some(format!("postgres://127.0.0.1:{}/{DATABASE}", ports.postgres)),
        _ => return None,
    };
    Some(Settings::url(port))
}

pub fn postgres(settings: &Settings, cluster: PreparedCluster) -> Plan {
    let log = settings.log("postgres");
    let asked = cluster.clone();
    Plan {
        name: "postgres".into(),
        spec: Box::new(move || Ok(cluster.server()?.log(&log))),
        ready: Some(Box::new(move |process| asked.is_ready(process.pid()))),
    }
}

pub fn observatory(settings: &Settings) -> Plan {
    let ports = &settings.ports;
    // Behind a Collector it has other receivers: the usual ones are the Collector's.
    let (grpc, http) = match &ports.backends {
        Some(backends) => (backends.observatory_grpc, backends.observatory_http),
        None => (ports.otlp_grpc, ports.otlp_http),
    };
    let address = |port| Settings::address(port).to_string();
    let spec = program(settings, "observatory")
        .env("OBSERVATORY_LISTEN_HTTP", address(ports.observatory))
        .env("OBSERVATORY_OTLP_GRPC", address(grpc))
        .env("OBSERVATORY_OTLP_HTTP", address(http));
    plan(spec, Some(answers(ports.observatory, "/readyz")))
}

/// What the Collector sends to, our own observatory excepted; all of them can be started at once.
pub fn backends(settings: &Settings, backends: &Backends) -> Result<Vec<Plan>, Failure> {
    let mut plans = vec![native::backends::prometheus(backends)?];
    if settings.runs("tempo") {
        plans.push(native::backends::tempo(backends)?);
    }
    if settings.runs("loki") {
        plans.push(native::backends::loki(backends)?);
    }
    Ok(plans)
}

pub fn service(
    settings: &Settings,
    telemetry: &Telemetry,
    cluster: &PreparedCluster,
    passwords: &Passwords,
    name: &str,
) -> Plan {
    let ports = &settings.ports;
    let faults = ports.faults.as_ref();
    let (port, next, faults) = match name {
        "user" => (ports.user, Some(ports.order), faults.map(|ports| ports.user)),
        "order" => (ports.order, Some(ports.audit), faults.map(|ports| ports.order)),
        _ => (ports.audit, None, faults.map(|ports| ports.audit)),
    };
    let url = |role: &str| cluster.role_url(&format!("{name}_{role}"), passwords, DATABASE);
    let spec = traced(program(settings, &format!("{name}-service")), settings, telemetry);
    let mut spec = signals(spec, settings, telemetry)
        .env("LISTEN", Settings::address(port).to_string())
        .env("DATABASE_URL", url("service"))
        .env("MIGRATION_DATABASE_URL", url("owner"))
        .env("OTEL_BSP_SCHEDULE_DELAY", &telemetry.schedule_delay_ms)
        // The gateway's decision holds for all of the trace; what a service is asked directly, it decides as the gateway would.
        .env("OTEL_TRACES_SAMPLER", Sampler { parent_based: true, ..telemetry.sampler }.to_string());
    let next = settings.next.get(name).cloned().or_else(|| next.map(Settings::url));
    spec.env.push(("NEXT_SERVICE_URL".into(), next));
    spec.env.push(("FAULTS".into(), faults.map(|_| "1".into())));
    spec.env.push(("FAULTS_LISTEN".into(), faults.map(|port| Settings::address(port).to_string())));
    if name == "user" && telemetry.elsewhere.is_none() {
        spec = spec.env("TRACE_LINK", format!("{}/trace/{{trace_id}}", Settings::url(ports.observatory)));
    }
    plan(spec, Some(answers(port, "/readyz")))
}

pub fn gateway(settings: &Settings, telemetry: &Telemetry) -> Result<Plan, Failure> {
    let found = nginx::find()?;
    let ports = &settings.ports;
    let mut gateway = gateway_config(settings);
    gateway.listen = Settings::address(ports.gateway);
    gateway.user_upstream = Settings::address(ports.user);
    gateway.order_upstream = Settings::address(ports.order);
    gateway.audit_upstream = Settings::address(ports.audit);
    gateway.sampler = telemetry.sampler;
    gateway.trust_inbound_trace = telemetry.trust_inbound_trace;
    config::gateway_limits(&mut gateway)?;
    let directory = settings.state.join("nginx");
    let log = settings.log("gateway");
    let spec = move || {
        let configuration = nginx::render(&gateway, &directory)?;
        let command = nginx::command(&found.path, &configuration);
        let mut spec = Spec::new("gateway", command.get_program()).args(command.get_args()).log(&log);
        spec.stop = GATEWAY_STOP.into();
        Ok(spec)
    };
    Ok(Plan { name: "gateway".into(), spec: Box::new(spec), ready: Some(answers(ports.gateway, "/health")) })
}

pub fn gateway_spans(settings: &Settings, telemetry: &Telemetry) -> Plan {
    let gateway = gateway_config(settings);
    let mut spec = traced(program(settings, "gateway-spans"), settings, telemetry)
        .env("GATEWAY_ACCESS_LOG", gateway.access_log.display().to_string())
        .env("GATEWAY_PID_FILE", gateway.pid_file().display().to_string());
    spec.env.push(("LISTEN".into(), None));
    plan(spec, None)
}

fn gateway_config(settings: &Settings) -> GatewayConfig {
    GatewayConfig::new(settings.state.join("nginx/run"))
}

/// One of our own programs. A name given to all of them would make all of them one service.
fn program(settings: &Settings, name: &str) -> Spec {
    let mut spec = Spec::new(name, settings.programs.join(name)).log(settings.log(name));
    spec.env.push(("OTEL_SERVICE_NAME".into(), None));
    spec
}

fn traced(spec: Spec, settings: &Settings, telemetry: &Telemetry) -> Spec {
    match telemetry.elsewhere {
        Some(_) => spec,
        None => spec.env("OTEL_EXPORTER_OTLP_ENDPOINT", Settings::url(settings.ports.otlp_http)),
    }
}

/// Which signals leave a service besides its traces: what nobody takes would be refused each time. Our own observatory
/// takes neither metrics nor log records; the Collector takes metrics, and log records where there is a Loki.
fn signals(spec: Spec, settings: &Settings, telemetry: &Telemetry) -> Spec {
    if telemetry.elsewhere.is_some() {
        return spec;
    }
    let taken = |said: &Option<String>, taken: bool| said.clone().unwrap_or(if taken { "otlp" } else { "none" }.into());
    let has_backends = settings.ports.backends.is_some();
    let spec = spec
        .env("OTEL_METRICS_EXPORTER", taken(&telemetry.metrics_exporter, has_backends))
        .env("OTEL_LOGS_EXPORTER", taken(&telemetry.logs_exporter, settings.runs("loki")))
        .env("OTEL_METRIC_EXPORT_INTERVAL", &telemetry.metric_interval_ms);
    match telemetry.grpc {
        true => spec.env("OTEL_EXPORTER_OTLP_ENDPOINT", Settings::url(settings.ports.otlp_grpc)),
        false => spec,
    }
}

fn plan(spec: Spec, ready: Option<Ready>) -> Plan {
    Plan { name: spec.name.clone(), spec: Box::new(move || Ok(spec.clone())), ready }
}

fn answers(port: u16, path: &'static str) -> Ready {
    Box::new(move |_: &Process| http_answers(Settings::address(port), path))
}
