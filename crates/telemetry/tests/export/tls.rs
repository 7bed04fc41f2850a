//! Receivers behind `https`, with certificates that only who is told trusts.

use std::path::Path;

use tempfile::TempDir;
use testkit::Receiver;
use testkit::certificates::Authority;

use crate::ledger::Ledger;
use crate::log::Log;
use crate::pipeline::{PROTOCOLS, pipeline, spans};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let (authority, folder) = (Authority::new(), TempDir::new().expect("a folder"));
    let certificate = authority.write(folder.path());
    for protocol in PROTOCOLS {
        let receiver = Receiver::with_tls(authority.server(None));
        let variables =
            [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_CERTIFICATE", text(&certificate))];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        let names = spans(&telemetry, 3);
        telemetry.flush().expect("they arrive");
        assert_eq!(receiver.span_names(), names, "{protocol}");
    }
}

#[test]
fn a_receiver_that_wants_to_know_the_client_is_shown_its_certificate() {
    let (authority, clients, folder) = (Authority::new(), Authority::new(), TempDir::new().expect("a folder"));
    let certificate = authority.write(folder.path());
    let (client, key) = clients.write_client(folder.path());
    for protocol in PROTOCOLS {
        let receiver = Receiver::with_tls(authority.server(Some(&clients)));
        let mut variables = vec![
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", text(&certificate)),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", text(&client)),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", text(&key)),
        ];
        let known = pipeline(&receiver.endpoint(), &variables);
        let names = spans(&known, 3);
        known.flush().expect("they arrive");
        assert_eq!(receiver.span_names(), names, "{protocol}");
        assert_eq!(receiver.requests()[0].client_certificates, 1, "{protocol}");

        variables.truncate(2);
        variables.push(("OTEL_BSP_EXPORT_TIMEOUT", "1"));
        let unknown = pipeline(&receiver.endpoint(), &variables);
        spans(&unknown, 3);
        unknown.flush().expect_err("nobody is let in without one");
        assert_eq!(Ledger::of(&unknown), Ledger::over(3, &[("connection", 3)]), "{protocol}");
    }
}

#[test]
fn a_receiver_whose_authority_is_another_one_gets_nothing_and_the_log_says_why() {
    let log = Log::of_all_threads();
    let (authority, other, folder) = (Authority::new(), Authority::new(), TempDir::new().expect("a folder"));
    let certificate = other.write(folder.path());
    for (protocol, count) in PROTOCOLS.into_iter().zip([11, 13]) {
        let receiver = Receiver::with_tls(authority.server(None));
        let variables = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", text(&certificate)),
            // One attempt.
            ("OTEL_BSP_EXPORT_TIMEOUT", "1"),
        ];
        let telemetry = pipeline(&receiver.endpoint(), &variables);
        spans(&telemetry, count);
        telemetry.flush().expect_err("nobody is sent anything");
        assert_eq!(Ledger::of(&telemetry), Ledger::over(count as u64, &[("connection", count as u64)]));
        assert_eq!(receiver.requests().len(), 0, "{protocol}");
        let said = |line: &&String| {
            line.contains("telemetry cannot be delivered") && line.contains(&format!("records={count} "))
        };
        let lines = log.lines();
        let line = lines.iter().find(said).unwrap_or_else(|| panic!("{lines:#?}"));
        assert!(line.contains("certificate") && line.contains("signal=\"traces\""), "{line}");
    }
}
