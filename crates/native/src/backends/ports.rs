//! The ports of a set of backends on 127.0.0.1.

use std::net::{Ipv4Addr, SocketAddr};

/// A port of each receiver and each API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// Collector, OTLP/gRPC.
    pub collector_grpc: u16,
    /// Collector, OTLP/HTTP.
    pub collector_http: u16,
    /// Collector, whether it is ready.
    pub collector_health: u16,
    /// Collector, its own metrics.
    pub collector_metrics: u16,
    /// The observatory that stands behind the Collector, OTLP/gRPC.
    pub observatory_grpc: u16,
    /// The same, OTLP/HTTP.
    pub observatory_http: u16,
    /// Tempo, its API.
    pub tempo_http: u16,
    /// Tempo, between its own parts.
    pub tempo_grpc: u16,
    /// Tempo, OTLP/gRPC.
    pub tempo_otlp_grpc: u16,
    /// Tempo, OTLP/HTTP.
    pub tempo_otlp_http: u16,
    /// Prometheus, its API and its receivers.
    pub prometheus: u16,
    /// Loki, its API and its receivers.
    pub loki_http: u16,
    /// Loki, between its own parts.
    pub loki_grpc: u16,
}

/// How many there are.
const COUNT: usize = 13;
/// Those that the documents name, in the order of [`Ports`].
const USUAL: [u16; COUNT] = [4317, 4318, 13133, 8888, 14317, 14318, 3200, 9095, 24317, 24318, 9090, 3100, 9096];

impl Ports {
    /// The usual ones, each moved by `offset`; `None` where that is no port.
    #[must_use]
    pub fn usual(offset: u16) -> Option<Self> {
        let mut moved = USUAL;
        for port in &mut moved {
            *port = port.checked_add(offset)?;
        }
        Some(Self::from_list(moved))
    }

    /// Ports that nobody listens on, all different ([`crate::ports::free`]).
    pub fn free() -> std::io::Result<Self> {
        let mut ports = [0; COUNT];
        for port in &mut ports {
            *port = crate::ports::free()?;
        }
        Ok(Self::from_list(ports))
    }

    /// Each with what listens on it.
    #[must_use]
    pub fn all(&self) -> [(u16, &'static str); COUNT] {
        [
            (self.collector_grpc, "otel-collector (OTLP/gRPC)"),
            (self.collector_http, "otel-collector (OTLP/HTTP)"),
            (self.collector_health, "otel-collector (health)"),
            (self.collector_metrics, "otel-collector (its metrics)"),
            (self.observatory_grpc, "observatory (OTLP/gRPC)"),
            (self.observatory_http, "observatory (OTLP/HTTP)"),
            (self.tempo_http, "tempo (API)"),
            (self.tempo_grpc, "tempo (its parts)"),
            (self.tempo_otlp_grpc, "tempo (OTLP/gRPC)"),
            (self.tempo_otlp_http, "tempo (OTLP/HTTP)"),
            (self.prometheus, "prometheus"),
            (self.loki_http, "loki (API)"),
            (self.loki_grpc, "loki (its parts)"),
        ]
    }

    /// A port of this machine.
    #[must_use]
    pub fn address(port: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    fn from_list(ports: [u16; COUNT]) -> Self {
        let [
            collector_grpc,
            collector_http,
            collector_health,
            collector_metrics,
            observatory_grpc,
            observatory_http,
            tempo_http,
            tempo_grpc,
            tempo_otlp_grpc,
            tempo_otlp_http,
            prometheus,
            loki_http,
            loki_grpc,
        ] = ports;
        Self {
            collector_grpc,
            collector_http,
            collector_health,
            collector_metrics,
            observatory_grpc,
            observatory_http,
            tempo_http,
            tempo_grpc,
            tempo_otlp_grpc,
            tempo_otlp_http,
            prometheus,
            loki_http,
            loki_grpc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_usual_ports_and_free_ones_are_all_different() {
        for ports in [Ports::usual(0).unwrap(), Ports::usual(1000).unwrap(), Ports::free().unwrap()] {
            let different: BTreeSet<u16> = ports.all().iter().map(|(port, _)| *port).collect();
            assert_eq!(different.len(), COUNT, "{ports:?}");
        }
        assert_eq!(Ports::usual(1000).map(|ports| (ports.collector_grpc, ports.tempo_http)), Some((5317, 4200)));
        assert_eq!(Ports::usual(60_000), None);
    }
}
