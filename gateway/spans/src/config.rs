//! The settings, from arguments and the environment.

use crate::percent;
use clap::Parser;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file of this size and the one before it hold over 200,000 requests: the collector may be away for about
/// twenty minutes at 200 requests a second.
const ROTATE_BYTES: u64 = 64 * 1024 * 1024;
/// OpenTelemetry's default for one export.
const EXPORT_TIMEOUT_MS: u64 = 10_000;
/// Enough for the last batches; what is left stays in the file for the next start.
const SHUTDOWN_TIMEOUT_MS: u64 = 5_000;
/// The native observatory's, and every collector's, OTLP/HTTP.
const ENDPOINT: &str = "http://127.0.0.1:4318";

const EXAMPLES: &str = "Examples:
  gateway-spans --access-log .stack/gateway/access.log
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318 gateway-spans --access-log access.log --listen 127.0.0.1:9100";

/// Makes the native gateway's spans from nginx's access log.
// Each value has its variable's name, so that a message about it names both the flag and the variable.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub struct Args {
    /// The access log nginx writes
    #[arg(long, env = "GATEWAY_ACCESS_LOG", value_name = "GATEWAY_ACCESS_LOG")]
    access_log: PathBuf,
    /// Where the place in the log is noted [default: the log's name with .position]
    #[arg(long, env = "GATEWAY_SPANS_POSITION", value_name = "GATEWAY_SPANS_POSITION")]
    position_file: Option<PathBuf>,
    /// nginx's pid file, to have it reopen its log [default: nginx.pid beside the log]
    #[arg(long, env = "GATEWAY_PID_FILE", value_name = "GATEWAY_PID_FILE")]
    pid_file: Option<PathBuf>,
    /// The size in bytes at which the log is renamed to .1 and begun anew
    #[arg(long, env = "GATEWAY_LOG_ROTATE_BYTES", value_name = "GATEWAY_LOG_ROTATE_BYTES", default_value_t = ROTATE_BYTES)]
    rotate_bytes: u64,
    /// Where /metrics and /livez are served; nowhere when not set
    #[arg(long, env = "LISTEN", value_name = "LISTEN")]
    listen: Option<SocketAddr>,
    /// How long the last spans may take after SIGTERM
    #[arg(long, env = "SHUTDOWN_TIMEOUT_MS", value_name = "SHUTDOWN_TIMEOUT_MS", default_value_t = SHUTDOWN_TIMEOUT_MS)]
    shutdown_timeout_ms: u64,
    /// The collector's base URL; /v1/traces is added [default: http://127.0.0.1:4318]
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_name = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true
    )]
    endpoint: Option<String>,
    /// The URL for traces, taken as it is
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        value_name = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        hide_env_values = true
    )]
    traces_endpoint: Option<String>,
    /// Headers for the collector: name=value, separated by commas, percent-encoded
    #[arg(long, env = "OTEL_EXPORTER_OTLP_HEADERS", value_name = "OTEL_EXPORTER_OTLP_HEADERS", hide_env_values = true)]
    headers: Option<String>,
    /// How long one export may take, in milliseconds
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TIMEOUT", value_name = "OTEL_EXPORTER_OTLP_TIMEOUT", default_value_t = EXPORT_TIMEOUT_MS)]
    export_timeout_ms: u64,
    /// "true": the log is read and rotated, but no span is made
    #[arg(long, env = "OTEL_SDK_DISABLED", value_name = "OTEL_SDK_DISABLED")]
    disabled: Option<String>,
    /// service.name
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "OTEL_SERVICE_NAME")]
    service_name: Option<String>,
    /// Further resource attributes: name=value, separated by commas, percent-encoded
    #[arg(long, env = "OTEL_RESOURCE_ATTRIBUTES", value_name = "OTEL_RESOURCE_ATTRIBUTES")]
    resource_attributes: Option<String>,
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The access log nginx writes.
    pub access_log: PathBuf,
    /// Where the place in the log is noted.
    pub position_file: PathBuf,
    /// nginx's pid file.
    pub pid_file: PathBuf,
    /// The size at which the log is renamed to `.1`.
    pub rotate_bytes: u64,
    /// Where `/metrics` and `/livez` are served.
    pub listen: Option<SocketAddr>,
    /// How long the last spans may take.
    pub shutdown_timeout: Duration,
    /// Where spans are posted to.
    pub traces_url: Url,
    /// Sent with every export.
    pub headers: HeaderMap,
    /// How long one export may take.
    pub export_timeout: Duration,
    /// No span is made.
    pub disabled: bool,
    /// `service.name`.
    pub service_name: String,
    /// Further resource attributes.
    pub resource_attributes: Vec<(String, String)>,
}

/// A setting that cannot be used; it begins with the variable's name.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {reason}")]
pub struct ConfigError {
    variable: &'static str,
    reason: String,
}

impl Config {
    /// The defaults for this log and this URL for traces.
    pub fn new(access_log: impl Into<PathBuf>, traces_url: &str) -> Result<Self, ConfigError> {
        let access_log = access_log.into();
        let mut position_file = access_log.clone().into_os_string();
        position_file.push(".position");
        Ok(Self {
            position_file: position_file.into(),
            pid_file: access_log.parent().unwrap_or(Path::new(".")).join("nginx.pid"),
            access_log,
            rotate_bytes: ROTATE_BYTES,
            listen: None,
            shutdown_timeout: Duration::from_millis(SHUTDOWN_TIMEOUT_MS),
            traces_url: url("OTEL_EXPORTER_OTLP_ENDPOINT", traces_url)?,
            headers: HeaderMap::new(),
            export_timeout: Duration::from_millis(EXPORT_TIMEOUT_MS),
            disabled: false,
            service_name: "api-gateway".into(),
            resource_attributes: Vec::new(),
        })
    }
}

impl TryFrom<Args> for Config {
    type Error = ConfigError;

    fn try_from(args: Args) -> Result<Self, ConfigError> {
        // OpenTelemetry: an empty variable is one that is not set.
        let set = |value: Option<String>| value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let traces_url = match set(args.traces_endpoint) {
            Some(whole) => url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &whole)?.into(),
            None => {
                let base = set(args.endpoint).unwrap_or_else(|| ENDPOINT.into());
                format!("{}/v1/traces", base.trim_end_matches('/'))
            }
        };
        let mut config = Self::new(args.access_log, &traces_url)?;
        config.position_file = args.position_file.unwrap_or(config.position_file);
        config.pid_file = args.pid_file.unwrap_or(config.pid_file);
        config.rotate_bytes = args.rotate_bytes;
        config.listen = args.listen;
        config.shutdown_timeout = Duration::from_millis(args.shutdown_timeout_ms);
        config.headers = headers(&set(args.headers).unwrap_or_default())?;
        config.export_timeout = Duration::from_millis(args.export_timeout_ms);
        config.disabled = set(args.disabled).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        config.service_name = set(args.service_name).unwrap_or(config.service_name);
        config.resource_attributes =
            pairs("OTEL_RESOURCE_ATTRIBUTES", &set(args.resource_attributes).unwrap_or_default())?;
        Ok(config)
    }
}

fn url(variable: &'static str, text: &str) -> Result<Url, ConfigError> {
    // The URL is not repeated in the message: it may hold a credential.
    let url = Url::parse(text).map_err(|why| ConfigError { variable, reason: format!("is no URL: {why}") })?;
    // There is no TLS in this small program; a collector far away is reached through one that is near.
    if url.scheme() == "http" {
        return Ok(url);
    }
    Err(ConfigError { variable, reason: "does not begin with http://".into() })
}

fn headers(text: &str) -> Result<HeaderMap, ConfigError> {
    let variable = "OTEL_EXPORTER_OTLP_HEADERS";
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(variable, text)? {
        let name = HeaderName::try_from(&name);
        let value = HeaderValue::try_from(&value);
        // Neither is repeated in the message: it may be a credential.
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(ConfigError { variable, reason: "has a name or value that no header can have".into() });
        };
        headers.insert(name, value);
    }
    Ok(headers)
}

fn pairs(variable: &'static str, text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    percent::pairs(text).ok_or_else(|| ConfigError {
        variable,
        reason: "is not name=value, separated by commas, percent-encoded".into(),
    })
}
