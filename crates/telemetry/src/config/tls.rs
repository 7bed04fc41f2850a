//! Certificates for `https` receivers: `OTEL_EXPORTER_OTLP_CERTIFICATE`, `_CLIENT_CERTIFICATE`, `_CLIENT_KEY`.

use std::fs::File;
use std::path::PathBuf;

use super::Tls;
use super::names::Names;
use super::variables::Variables;

/// The files for this signal. That they can be opened is checked here; what is in them, when the exporter reads them.
pub(super) fn read(variables: &Variables<'_>, own: &Names) -> Tls {
    let general = &Names::GENERAL;
    let certificate = file(variables, &[own.certificate, general.certificate]);
    let client_certificate = file(variables, &[own.client_certificate, general.client_certificate]);
    let client_key = file(variables, &[own.client_key, general.client_key]);
    match (&client_certificate, &client_key) {
        (Some((name, _)), None) if variables.first(&[own.client_key, general.client_key]).is_none() => {
            variables.refuse(name, format_args!("needs its key: {}", general.client_key));
        }
        (None, Some((name, _))) if variables.first(&[own.client_certificate, general.client_certificate]).is_none() => {
            variables.refuse(name, format_args!("needs its certificate: {}", general.client_certificate));
        }
        _ => {}
    }
    let path = |file: Option<(&str, PathBuf)>| file.map(|(_, path)| path);
    Tls { certificate: path(certificate), client_certificate: path(client_certificate), client_key: path(client_key) }
}

fn file(variables: &Variables<'_>, names: &[&'static str]) -> Option<(&'static str, PathBuf)> {
    let (name, value) = variables.first(names)?;
    let path = PathBuf::from(value);
    if File::open(&path).and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file()) {
        return Some((name, path));
    }
    variables.refuse(name, "must be a file in PEM form that can be read");
    None
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::config::Tls;
    use crate::config::tests::{problems, read};

    /// A file that is there; what is in it does not matter here.
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    const OTHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs");

    #[test]
    fn files_are_for_all_signals_or_for_one() {
        let config = read(&[
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", FILE),
            ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", OTHER),
            ("OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", FILE),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", OTHER),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", OTHER),
        ]);
        let (file, other) = (Some(PathBuf::from(FILE)), Some(PathBuf::from(OTHER)));
        assert_eq!(config.traces.tls.certificate, other);
        assert_eq!(config.metrics.tls.certificate, file);
        let logs = Tls { certificate: file.clone(), client_certificate: file, client_key: other };
        assert_eq!(config.logs.tls, logs);
    }

    #[test]
    fn a_file_that_is_not_there_is_refused_and_so_is_half_of_a_pair() {
        for path in ["/nowhere/ca.pem", env!("CARGO_MANIFEST_DIR")] {
            assert_eq!(
                problems(&[("OTEL_EXPORTER_OTLP_CERTIFICATE", path)]),
                ["OTEL_EXPORTER_OTLP_CERTIFICATE must be a file in PEM form that can be read"]
            );
        }
        assert_eq!(
            problems(&[("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", FILE)]),
            ["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE needs its key: OTEL_EXPORTER_OTLP_CLIENT_KEY"]
        );
        assert_eq!(
            problems(&[("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", FILE)]),
            ["OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY needs its certificate: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"]
        );
    }
}
