//! What one stack is: its ports, its directory, its programs.

use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

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
    /// observatory, OTLP over gRPC [default: 4317]
    #[arg(long, value_name = "PORT")]
    otlp_grpc_port: Option<u16>,
    /// observatory, OTLP over HTTP [default: 4318]
    #[arg(long, value_name = "PORT")]
    otlp_http_port: Option<u16>,
    /// observatory, page and API [default: 8000]
    #[arg(long, value_name = "PORT")]
    observatory_port: Option<u16>,
    /// Added to every default: a second stack beside the first (with --state-dir)
    #[arg(long, value_name = "N", default_value_t = 0)]
    port_offset: u16,
}

/// Who comes after a service, where that is not the stack's own next one.
#[derive(Debug, Clone, clap::Args)]
pub struct NextArgs {
    /// Puts a service of your own after user, order or audit: its URL becomes that one's NEXT_SERVICE_URL
    #[arg(long, value_name = "SERVICE=URL", value_parser = next_service)]
    next: Vec<(String, String)>,
}

impl NextArgs {
    /// URL by service; the last one counts where one is given twice.
    pub fn by_service(&self) -> BTreeMap<String, String> {
        self.next.iter().cloned().collect()
    }
}

/// Reads `order=http://127.0.0.1:5004`.
fn next_service(text: &str) -> Result<(String, String), String> {
    let (service, url) = text.split_once('=').ok_or("must be SERVICE=URL, such as order=http://127.0.0.1:5004")?;
    let service = service.trim_end_matches("-service");
    if !["user", "order", "audit"].contains(&service) {
        return Err(format!("{service:?} is no service of the chain: user, order or audit"));
    }
    match reqwest::Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "http" && parsed.has_host() => Ok((service.to_owned(), url.to_owned())),
        _ => Err(format!("{url:?} is no http:// URL")),
    }
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
    /// observatory, OTLP/gRPC.
    pub otlp_grpc: u16,
    /// observatory, OTLP/HTTP.
    pub otlp_http: u16,
    /// observatory, page and API.
    pub observatory: u16,
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
        self.port_offset != 0 || given.iter().any(Option::is_some)
    }

    /// The ports, all different.
    pub fn ports(&self) -> Result<Ports, Failure> {
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
        };
        ports.check_different()?;
        Ok(ports)
    }
}

impl Ports {
    /// Each port with what listens on it and the flag that moves it.
    pub fn all(&self) -> [(u16, &'static str, &'static str); 8] {
        [
            (self.gateway, "gateway", "--gateway-port"),
            (self.user, "user-service", "--user-port"),
            (self.order, "order-service", "--order-port"),
            (self.audit, "audit-service", "--audit-port"),
            (self.postgres, "postgres", "--postgres-port"),
            (self.otlp_grpc, "observatory (OTLP/gRPC)", "--otlp-grpc-port"),
            (self.otlp_http, "observatory (OTLP/HTTP)", "--otlp-http-port"),
            (self.observatory, "observatory (page and API)", "--observatory-port"),
        ]
    }

    /// Fails when something else listens on one of them; names it and the flag.
    pub fn check_free(&self) -> Result<(), Failure> {
        let held: Vec<String> = self
            .all()
            .into_iter()
            .filter_map(|(port, name, flag)| {
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
        for (index, (port, name, flag)) in all.iter().enumerate() {
            if *port == 0 {
                return Err(Failure::cannot(format!("{flag}: port 0 cannot be found again by the other processes")));
            }
            if let Some((_, other, other_flag)) = all.iter().skip(index + 1).find(|(another, ..)| another == port) {
                return Err(Failure::cannot(format!(
                    "port {port} is given to {name} and to {other}: {flag}, {other_flag}"
                )));
            }
        }
        Ok(())
    }
}

/// One stack; handed to the supervisor and told by it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Where data, logs and the control socket are.
    pub state: PathBuf,
    /// Where the built programs are.
    pub programs: PathBuf,
    /// The ports.
    pub ports: Ports,
    /// `NEXT_SERVICE_URL` of the services for which it is not the usual one.
    pub next: BTreeMap<String, String>,
}

impl Settings {
    /// `http://127.0.0.1:port`.
    pub fn url(port: u16) -> String {
        format!("http://{}", Self::address(port))
    }

    /// A port of this machine.
    pub fn address(port: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    /// Where a process' log is.
    pub fn log(&self, name: &str) -> PathBuf {
        logs(&self.state).join(format!("{name}.log"))
    }
}

/// Where the logs of a state directory are.
pub fn logs(state: &std::path::Path) -> PathBuf {
    state.join("logs")
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
        Only::try_parse_from([&["stack"], args].concat()).unwrap().ports.ports()
    }

    #[test]
    fn an_offset_moves_every_default_and_no_given_port() {
        let ports = parse(&["--port-offset", "100", "--user-port", "9"]).unwrap();
        assert_eq!((ports.gateway, ports.user, ports.postgres), (8180, 9, 55532));
        assert!(parse(&["--port-offset", "20000"]).is_err(), "55432 + 20000 is no port");
    }

    #[test]
    fn a_port_given_twice_is_refused_with_both_flags() {
        let message = parse(&["--user-port", "8080"]).unwrap_err().message;
        assert!(message.contains("--gateway-port") && message.contains("--user-port"), "{message}");
    }

    #[test]
    fn a_service_can_be_put_after_one_of_the_chain_and_after_no_other() {
        let next = next_service("order-service=http://127.0.0.1:5004");
        assert_eq!(next, Ok(("order".to_owned(), "http://127.0.0.1:5004".to_owned())));
        for wrong in ["order", "gateway=http://127.0.0.1:1", "order=127.0.0.1:5004", "order=https://x"] {
            assert!(next_service(wrong).is_err(), "{wrong}");
        }
    }
}
