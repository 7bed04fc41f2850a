//! What can be set: addresses, limits of the store, the log's filter.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use clap::Parser;

use crate::Waits;
use crate::store::Limits;

const EXAMPLES: &str = "\
Examples:
  observatory
      Receives OTLP on 4317 (gRPC) and 4318 (HTTP); the page is http://127.0.0.1:8000.
  observatory --otlp-grpc 127.0.0.1:14317 --otlp-http 127.0.0.1:14318
      Beside a Collector that has the usual ports.
  observatory --max-bytes 1GiB --max-traces 200000
      Keeps more before the oldest traces make room.

Sending it a trace by hand:
  curl -H 'Content-Type: application/json' -d @trace.json http://127.0.0.1:4318/v1/traces";

/// The embedded trace backend: receives OTLP, keeps the newest traces in memory, shows them.
// Each value has its variable's name, so that a message about it names both the flag and the variable.
#[derive(Debug, Clone, Parser)]
#[command(name = "observatory", version, after_help = EXAMPLES)]
pub struct Config {
    /// Where the page and the API are served.
    #[arg(
        long,
        env = "OBSERVATORY_LISTEN_HTTP",
        default_value = "127.0.0.1:8000",
        value_name = "OBSERVATORY_LISTEN_HTTP"
    )]
    pub listen_http: SocketAddr,
    /// Where OTLP/gRPC is received.
    #[arg(long, env = "OBSERVATORY_OTLP_GRPC", default_value = "127.0.0.1:4317", value_name = "OBSERVATORY_OTLP_GRPC")]
    pub otlp_grpc: SocketAddr,
    /// Where OTLP/HTTP is received, protobuf or JSON, at /v1/traces.
    #[arg(long, env = "OBSERVATORY_OTLP_HTTP", default_value = "127.0.0.1:4318", value_name = "OBSERVATORY_OTLP_HTTP")]
    pub otlp_http: SocketAddr,
    /// How many traces are kept. The oldest make room for new ones.
    #[arg(long, env = "OBSERVATORY_MAX_TRACES", default_value_t = Limits::default().traces, value_name = "OBSERVATORY_MAX_TRACES")]
    pub max_traces: usize,
    /// How much memory traces may take, such as 256MiB or 1GB. The oldest make room for new ones.
    #[arg(long, env = "OBSERVATORY_MAX_BYTES", default_value = "256MiB", value_parser = parse_bytes, value_name = "OBSERVATORY_MAX_BYTES")]
    pub max_bytes: usize,
    /// What is logged: a level, or levels by module.
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "RUST_LOG")]
    pub log: String,
    /// How long peers are waited for. Tests shorten it; it is no setting.
    #[arg(skip)]
    pub waits: Waits,
}

impl Config {
    /// Free ports of 127.0.0.1 and the default limits, for tests.
    pub fn on_free_ports() -> Self {
        let free = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));
        let Limits { traces, bytes } = Limits::default();
        Self {
            listen_http: free,
            otlp_grpc: free,
            otlp_http: free,
            max_traces: traces,
            max_bytes: bytes,
            log: "info".into(),
            waits: Waits::default(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { traces: self.max_traces, bytes: self.max_bytes }
    }
}

/// Reads a number of bytes with an optional unit: B, kB, MB, GB, KiB, MiB, GiB.
fn parse_bytes(text: &str) -> Result<usize, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(format!("unknown unit {unit:?}; B, kB, MB, GB, KiB, MiB and GiB are known")),
    };
    let number: usize = number.parse().map_err(|_| "a number such as 256MiB is expected".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let config = Config::parse_from(["observatory"]);
        assert_eq!(config.limits(), Limits { traces: 20_000, bytes: 256 << 20 });
        assert_eq!(config.listen_http.to_string(), "127.0.0.1:8000");
        assert_eq!(config.otlp_grpc.to_string(), "127.0.0.1:4317");
        assert_eq!(config.otlp_http.to_string(), "127.0.0.1:4318");
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_bytes("5"), Ok(5));
        assert_eq!(parse_bytes("1GB"), Ok(1_000_000_000));
        assert_eq!(parse_bytes("2 KiB"), Ok(2048));
        assert!(parse_bytes("MiB").is_err());
        assert!(parse_bytes("1 fortnight").is_err());
        assert!(parse_bytes("99999999999999999GiB").is_err());
    }
}
