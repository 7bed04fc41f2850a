//! What this crate reads from the environment.

use crate::backends::Program;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where a shell without a PATH would look.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What of `otel-collector/sampling.yaml` can be set.
const SAMPLING: [&str; 2] = ["SAMPLING_PERCENT", "SAMPLING_SLOW_MS"];

/// The directories programs are looked for in.
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into())
}

/// The variable that says where the program of a backend is.
pub(crate) fn binary_variable(program: Program) -> &'static str {
    match program {
        Program::Collector => "OTELCOL_BIN",
        Program::Prometheus => "PROMETHEUS_BIN",
        Program::Promtool => "PROMTOOL_BIN",
        Program::Loki => "LOKI_BIN",
        Program::Tempo => "TEMPO_BIN",
    }
}

/// Where the program of a backend is, where that is said.
pub(crate) fn binary(program: Program) -> Option<PathBuf> {
    path(binary_variable(program))
}

/// nginx's OpenTelemetry module, where one is given.
pub(crate) fn otel_module() -> Option<PathBuf> {
    path("NGINX_OTEL_MODULE")
}

/// The folder for built programs, where one is given.
pub(crate) fn cache() -> Option<PathBuf> {
    path("TRACECHAIN_CACHE")
}

/// The user's folder for what can be made again, where one is given.
pub(crate) fn user_cache() -> Option<PathBuf> {
    path("XDG_CACHE_HOME")
}

/// The user's own folder.
pub(crate) fn home() -> Option<PathBuf> {
    path("HOME")
}

/// What the Collector is to be told of sampling.
pub(crate) fn sampling() -> impl Iterator<Item = (&'static str, String)> {
    // What is no text is refused by whoever reads it, and not taken for unset.
    let text = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let set = move |name| text(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value));
    SAMPLING.into_iter().filter_map(set)
}

fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
