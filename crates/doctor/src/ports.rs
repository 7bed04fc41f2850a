//! Ports that somebody else has: what should listen there does not run, and cannot.

use super::finding::Report;
use super::places::{Listener, Places};
use native::ports::holder;

/// Names each port of a part that does not run, and who has it.
pub fn examine(places: &Places, report: &mut Report) {
    for Listener { part, port, runs } in &places.listeners {
        if *runs {
            continue;
        }
        if let Some(holder) = holder(*port) {
            report.fail(
                format!("{part}, port {port}"),
                format!("{part} does not run, and {holder} listens on its port"),
                format!(
                    "end {holder}, then `cargo stack start {part}`; or `cargo stack down`, and `up` with another port"
                ),
            );
        }
    }
}

/// Who has the port of an address of this machine, in words; empty for other machines.
pub fn named_holder(url: &str) -> String {
    let address = url.rsplit("://").next().unwrap_or_default();
    let here = ["127.0.0.1:", "localhost:"].iter().find_map(|host| address.strip_prefix(host));
    let port = here.and_then(|rest| rest.split('/').next()).and_then(|port| port.parse().ok());
    port.and_then(holder).map(|holder| format!(": {holder} has the port")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_port_that_somebody_else_has_is_named_with_its_process() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let listener = |part: &str, runs| Listener { part: part.into(), port, runs };
        let listeners = vec![listener("audit-service", false), listener("order-service", true)];
        let mut report = Report::default();
        examine(&Places { listeners: listeners.clone(), ..Places::default() }, &mut report);
        let [found] = report.findings.as_slice() else { panic!("{report:?}") };
        assert_eq!((found.part.as_str(), found.state), (format!("audit-service, port {port}").as_str(), State::Failed));
        assert!(found.seen.contains(&format!("pid {}", std::process::id())), "{found:?}");
        assert!(named_holder(&format!("http://127.0.0.1:{port}/x")).contains("has the port"));
        assert_eq!(named_holder(&format!("http://elsewhere:{port}")), "");

        drop(taken);
        let mut report = Report::default();
        examine(&Places { listeners, ..Places::default() }, &mut report);
        assert!(report.findings.is_empty(), "a port that is free is no reason: {report:?}");
    }
}
