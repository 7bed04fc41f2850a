//! The ports of a stack.

use super::backends::{Absent, BackendPortArgs, BackendPorts};
use super::faults::{FaultPortArgs, FaultPorts};
use crate::failure::Failure;
use serde::{Deserialize, Serialize};

/// A port of each process on 127.0.0.1.
#[derive(clap::Args)]
pub struct PortArgs {
    /// Where clients connect to [default: 8080]
    #[arg(long, value_name = "PORT")]
    gateway_port: Option<u16>,
    /// user-service [default: 5001]
    #[arg(long, value_name = "PORT")]
    user_port: Option<u16>,
    /// order-service [default: 5002]
    #[arg(long, value_name = "PORT")]
    order_port: Option<u16>,
    /// audit-service [default: 5003]
    #[arg(long, value_name = "PORT")]
    audit_port: Option<u16>,
    /// PostgreSQL [default: 55432]
    #[arg(long, value_name = "PORT")]
    postgres_port: Option<u16>,
    /// observatory, with --backends the Collector: OTLP over gRPC [default: 4317]
    #[arg(long, value_name = "PORT")]
    otlp_grpc_port: Option<u16>,
    /// observatory, with --backends the Collector: OTLP over HTTP [default: 4318]
    #[arg(long, value_name = "PORT")]
    otlp_http_port: Option<u16>,
    /// observatory, page and API [default: 8000]
    #[arg(long, value_name = "PORT")]
    observatory_port: Option<u16>,
    /// Added to every default: a second stack beside the first (with --state-dir)
    #[arg(long, value_name = "N", default_value_t = 0)]
    port_offset: u16,
    #[command(flatten)]
    faults: FaultPortArgs,
    #[command(flatten)]
    backends: BackendPortArgs,
}

/// The ports of a stack.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Ports {
    /// nginx.
    pub gateway: u16,
    /// user-service.
    pub user: u16,
    /// order-service.
    pub order: u16,
    /// audit-service.
    pub audit: u16,
    /// PostgreSQL.
    pub postgres: u16,
    /// Where programs send OTLP/gRPC: observatory, or the Collector in front of the backends.
    pub otlp_grpc: u16,
    /// The same, OTLP/HTTP.
    pub otlp_http: u16,
    /// observatory, page and API.
    pub observatory: u16,
    /// Where the services are asked for faults, in a stack that takes them.
    pub faults: Option<FaultPorts>,
    /// The backends', in a stack with them.
    pub backends: Option<BackendPorts>,
}

/// A port, and who listens on it.
#[derive(Debug, Clone, Copy)]
pub struct Listener {
    /// The port.
    pub port: u16,
    /// The process.
    pub process: &'static str,
    /// Which one of its ports; empty when it has one only.
    pub what: &'static str,
    /// The flag that moves it.
    pub flag: &'static str,
}

impl Listener {
    fn name(&self) -> String {
        if self.what.is_empty() { self.process.into() } else { format!("{} ({})", self.process, self.what) }
    }
}

impl PortArgs {
    /// Whether any port is asked for by name; otherwise any stack that is up will do.
    pub fn ask_for_any(&self) -> bool {
        let given = [
            self.gateway_port,
            self.user_port,
            self.order_port,
            self.audit_port,
            self.postgres_port,
            self.otlp_grpc_port,
            self.otlp_http_port,
            self.observatory_port,
        ];
        self.port_offset != 0
            || given.iter().any(Option::is_some)
            || self.faults.ask_for_any()
            || self.backends.ask_for_any()
    }

    /// The ports, all different; those of the backends and of the faults in a stack with them.
    pub fn ports(&self, with_backends: bool, with_faults: bool) -> Result<Ports, Failure> {
        if !with_backends && self.backends.ask_for_any() {
            return Err(Failure::cannot("a port of a backend is given, and no backend is run: add --backends"));
        }
        if !with_faults && self.faults.ask_for_any() {
            return Err(Failure::cannot("a port of the faults is given, and no service takes any: set FAULTS=1"));
        }
        let pick = |given: Option<u16>, default: u16| {
            let moved = given.or_else(|| default.checked_add(self.port_offset));
            moved.ok_or_else(|| Failure::cannot(format!("--port-offset {} is too large", self.port_offset)))
        };
        let ports = Ports {
            gateway: pick(self.gateway_port, 8080)?,
            user: pick(self.user_port, 5001)?,
            order: pick(self.order_port, 5002)?,
            audit: pick(self.audit_port, 5003)?,
            postgres: pick(self.postgres_port, 55432)?,
            otlp_grpc: pick(self.otlp_grpc_port, 4317)?,
            otlp_http: pick(self.otlp_http_port, 4318)?,
            observatory: pick(self.observatory_port, 8000)?,
            faults: with_faults.then(|| self.faults.ports(self.port_offset)).transpose()?,
            backends: with_backends.then(|| self.backends.ports(self.port_offset)).transpose()?,
        };
        ports.check_different()?;
        Ok(ports)
    }
}

impl Ports {
    /// Each port with what listens on it and the flag that moves it.
    pub fn all(&self) -> Vec<Listener> {
        let at = |port, process, what, flag| Listener { port, process, what, flag };
        let receiver = if self.backends.is_some() { "otel-collector" } else { "observatory" };
        let mut all = vec![
            at(self.gateway, "gateway", "", "--gateway-port"),
            at(self.user, "user-service", "", "--user-port"),
            at(self.order, "order-service", "", "--order-port"),
            at(self.audit, "audit-service", "", "--audit-port"),
            at(self.postgres, "postgres", "", "--postgres-port"),
            at(self.otlp_grpc, receiver, "OTLP/gRPC", "--otlp-grpc-port"),
            at(self.otlp_http, receiver, "OTLP/HTTP", "--otlp-http-port"),
            at(self.observatory, "observatory", "page and API", "--observatory-port"),
        ];
        all.extend(self.faults.iter().flat_map(FaultPorts::all));
        all.extend(self.backends.iter().flat_map(BackendPorts::all));
        all
    }

    /// Fails when something else listens on one of them; names it and the flag. What is absent needs no port.
    pub fn check_free(&self, absent: &Absent) -> Result<(), Failure> {
        let held: Vec<String> = self
            .all()
            .into_iter()
            .filter(|listener| !absent.contains_key(listener.process))
            .filter_map(|listener| {
                let (port, name, flag) = (listener.port, listener.name(), listener.flag);
                let holder = native::ports::holder(port)?;
                Some(format!(
                    "port {port} for {name} is held by {holder}; end it, or choose another port: {flag} <PORT>"
                ))
            })
            .collect();
        if held.is_empty() { Ok(()) } else { Err(Failure::cannot(held.join("\n"))) }
    }

    fn check_different(&self) -> Result<(), Failure> {
        let all = self.all();
        for (index, listener) in all.iter().enumerate() {
            let (port, flag) = (listener.port, listener.flag);
            if port == 0 {
                return Err(Failure::cannot(format!("{flag}: port 0 cannot be found again by the other processes")));
            }
            if let Some(other) = all.iter().skip(index + 1).find(|other| other.port == port) {
                let (name, other_name) = (listener.name(), other.name());
                return Err(Failure::cannot(format!(
                    "port {port} is given to {name} and to {other_name}: {flag}, {}",
                    other.flag
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        ports: PortArgs,
    }

    fn parse(args: &[&str]) -> Result<Ports, Failure> {
        let (backends, faults) = (args.contains(&"--tempo-port"), args.contains(&"--user-faults-port"));
        Only::try_parse_from([&["stack"], args].concat()).unwrap().ports.ports(backends, faults)
    }

    #[test]
    fn the_faults_have_ports_only_in_a_stack_with_them() {
        let ports = parse(&["--port-offset", "100", "--user-faults-port", "9"]).unwrap().faults.unwrap();
        assert_eq!((ports.user, ports.order, ports.audit), (9, 15_102, 15_103));
        assert_eq!(parse(&[]).unwrap().faults, None);
        let message = parse(&["--order-faults-port", "9"]).unwrap_err().message;
        assert!(message.contains("FAULTS=1"), "{message}");
        let message = parse(&["--user-faults-port", "5001"]).unwrap_err().message;
        assert!(message.contains("--user-port") && message.contains("user-service (faults)"), "{message}");
    }

    #[test]
    fn an_offset_moves_every_default_and_no_given_port() {
        let ports = parse(&["--port-offset", "100", "--user-port", "9"]).unwrap();
        assert_eq!((ports.gateway, ports.user, ports.postgres), (8180, 9, 55532));
        assert!(parse(&["--port-offset", "20000"]).is_err(), "55432 + 20000 is no port");
    }

    #[test]
    fn the_backends_have_ports_only_in_a_stack_with_them() {
        let ports = parse(&["--port-offset", "100", "--tempo-port", "9"]).unwrap().backends.unwrap();
        assert_eq!((ports.tempo, ports.prometheus, ports.observatory_grpc), (9, 9190, 14417));
        assert_eq!(parse(&[]).unwrap().backends, None);
        let message = parse(&["--loki-port", "9"]).unwrap_err().message;
        assert!(message.contains("--backends"), "{message}");
        let message = parse(&["--tempo-port", "5001"]).unwrap_err().message;
        assert!(message.contains("--user-port") && message.contains("tempo (API)"), "{message}");
    }

    #[test]
    fn a_port_given_twice_is_refused_with_both_flags() {
        let message = parse(&["--user-port", "8080"]).unwrap_err().message;
        assert!(message.contains("--gateway-port") && message.contains("--user-port"), "{message}");
    }
}
