//! What the variables are called that there is one of for all signals and one for each.

/// The names of one signal, or of all of them together.
pub(super) struct Names {
    pub(super) exporter: &'static str,
    pub(super) endpoint: &'static str,
    pub(super) protocol: &'static str,
    pub(super) headers: &'static str,
    pub(super) timeout: &'static str,
    pub(super) compression: &'static str,
    pub(super) insecure: &'static str,
    pub(super) certificate: &'static str,
    pub(super) client_certificate: &'static str,
    pub(super) client_key: &'static str,
    /// What OTLP/HTTP adds to the general endpoint.
    pub(super) path: &'static str,
}

impl Names {
    pub(super) const GENERAL: Self = Self {
        exporter: "",
        endpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
        protocol: "OTEL_EXPORTER_OTLP_PROTOCOL",
        headers: "OTEL_EXPORTER_OTLP_HEADERS",
        timeout: "OTEL_EXPORTER_OTLP_TIMEOUT",
        compression: "OTEL_EXPORTER_OTLP_COMPRESSION",
        insecure: "OTEL_EXPORTER_OTLP_INSECURE",
        certificate: "OTEL_EXPORTER_OTLP_CERTIFICATE",
        client_certificate: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        client_key: "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        path: "",
    };
    pub(super) const TRACES: Self = Self {
        exporter: "OTEL_TRACES_EXPORTER",
        endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        protocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        headers: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        timeout: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        compression: "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        insecure: "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        certificate: "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
        client_certificate: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
        client_key: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
        path: "/v1/traces",
    };
    pub(super) const METRICS: Self = Self {
        exporter: "OTEL_METRICS_EXPORTER",
        endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        protocol: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        headers: "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
        timeout: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
        compression: "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
        insecure: "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
        certificate: "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
        client_certificate: "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
        client_key: "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
        path: "/v1/metrics",
    };
    pub(super) const LOGS: Self = Self {
        exporter: "OTEL_LOGS_EXPORTER",
        endpoint: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        protocol: "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
        headers: "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
        timeout: "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
        compression: "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",
        insecure: "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
        certificate: "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",
        client_certificate: "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",
        client_key: "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
        path: "/v1/logs",
    };
}
