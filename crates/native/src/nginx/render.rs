//! The files of `gateway/nginx` with the settings of this machine filled in.

use super::{GatewayConfig, worker};
use crate::{Error, Result, state};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../gateway/nginx/", $name)))),*]
    };
}

/// What both mains include.
const SHARED: [(&str, &str); 13] = templates![
    "trace.conf",
    "routes.conf",
    "problems.conf",
    "problem-headers.conf",
    "limits.conf",
    "per-address.conf",
    "upstreams.conf",
    "answers.conf",
    "public.conf",
    "admission.conf",
    "proxy.conf",
    "to-service.conf",
    "temporary-files.conf",
];

/// The main for stock nginx, first, and what only it includes.
const NATIVE: [(&str, &str); 3] = templates!["native.conf", "native-trace.conf", "access-log.conf"];

/// The main for nginx with its OpenTelemetry module, first, and what only it includes.
const OTEL: [(&str, &str); 7] = templates![
    "otel.conf",
    "otel-trace.conf",
    "otel-server-span.conf",
    "otel-hop.conf",
    "otel-unseen.conf",
    "otel-unseen-request.conf",
    "otel-access-log.conf",
];

/// Writes the whole configuration into `directory`, creates the directories nginx writes to, and says which file
/// nginx is to be given.
pub fn render(config: &GatewayConfig, directory: &Path) -> Result<PathBuf> {
    let directory = absolute(directory)?;
    let run_directory = absolute(&config.run_directory)?;
    let access_log = absolute(&config.access_log)?;
    let log_directory = access_log.parent().unwrap_or(Path::new("/"));
    for path in [directory.as_path(), &run_directory, log_directory] {
        if !path.is_dir() {
            state::create(path)?;
        }
    }
    worker::must_reach(&run_directory)?;
    worker::must_reach(log_directory)?;
    let values = values(config, &run_directory, &access_log)?;
    let own = own(config);
    for (name, template) in own.iter().chain(&SHARED) {
        let path = directory.join(name);
        fs::write(&path, fill(template, &values)).map_err(Error::file("write", &path))?;
    }
    Ok(directory.join(own[0].0))
}

fn own(config: &GatewayConfig) -> &'static [(&'static str, &'static str)] {
    if config.otel.is_some() { &OTEL } else { &NATIVE }
}

fn values(config: &GatewayConfig, run_directory: &Path, access_log: &Path) -> Result<Vec<(&'static str, String)>> {
    let ms = |duration: Duration| duration.as_millis().max(1).to_string();
    let mut values = vec![
        ("GATEWAY_WORKER_USER", worker::user_directive()?),
        ("GATEWAY_WORKERS", config.workers.map_or("auto".into(), |workers| workers.max(1).to_string())),
        ("GATEWAY_RUN_DIRECTORY", quotable_path(run_directory)?),
        ("GATEWAY_ACCESS_LOG", quotable_path(access_log)?),
        ("GATEWAY_LISTEN", config.listen.to_string()),
        ("GATEWAY_USER_UPSTREAM", config.user_upstream.to_string()),
        ("GATEWAY_ORDER_UPSTREAM", config.order_upstream.to_string()),
        ("GATEWAY_AUDIT_UPSTREAM", config.audit_upstream.to_string()),
        // The services' addresses here are no names.
        ("GATEWAY_RESOLVER", String::new()),
        ("GATEWAY_RESOLVE", String::new()),
        ("TRUST_INBOUND_TRACE", u8::from(config.trust_inbound_trace).to_string()),
        ("GATEWAY_SAMPLER", config.sampler.to_string()),
        ("GATEWAY_SAMPLED_PERCENT", config.sampler.percent()),
        ("GATEWAY_RATE_PER_SECOND", config.rate_per_second.max(1).to_string()),
        ("GATEWAY_BURST", config.burst.max(1).to_string()),
        ("GATEWAY_CONNECTIONS_PER_ADDRESS", config.connections_per_address.clamp(1, 65535).to_string()),
        ("GATEWAY_BODY_BYTES", config.body_bytes.max(1).to_string()),
        ("GATEWAY_HEADER_TIMEOUT_MS", ms(config.header_timeout)),
        ("GATEWAY_BODY_TIMEOUT_MS", ms(config.body_timeout)),
        ("GATEWAY_CONNECT_TIMEOUT_MS", ms(config.connect_timeout)),
        ("GATEWAY_READ_TIMEOUT_MS", ms(config.read_timeout)),
    ];
    if let Some(otel) = &config.otel {
        values.push(("NGINX_OTEL_MODULE", quotable_path(&absolute(&otel.module)?)?));
        values.push(("GATEWAY_OTLP_ENDPOINT", otel.endpoint.to_string()));
        values.push(("GATEWAY_RESOURCE", otel.resource()?));
    }
    Ok(values)
}

fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::file("find", path))
}

fn quotable_path(path: &Path) -> Result<String> {
    quotable(&path.to_string_lossy())
}

/// A text as it may stand between quotes; nginx would take some characters for its own.
pub(super) fn quotable(text: &str) -> Result<String> {
    let own = |c: char| "\"\\$".contains(c) || c.is_control() || c == char::REPLACEMENT_CHARACTER;
    if text.contains(own) {
        return Err(Error::Unusable(format!("nginx cannot have {text} in its configuration")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::OtelModule;
    use super::*;

    /// The configuration of each main, with its files.
    fn mains() -> [(GatewayConfig, Vec<(&'static str, &'static str)>); 2] {
        let native = GatewayConfig::new("/run/gateway");
        let mut with_module = native.clone();
        with_module.otel = Some(OtelModule::new("/module.so", ([127, 0, 0, 1], 4317).into()));
        [native, with_module].map(|config| {
            let files = own(&config).iter().chain(&SHARED).copied().collect();
            (config, files)
        })
    }

    #[test]
    fn no_word_is_left_to_be_filled_in() {
        for (config, files) in mains() {
            let values = values(&config, Path::new("/run/gateway"), Path::new("/run/gateway/access.log")).unwrap();
            for (name, template) in &files {
                let text = fill(template, &values);
                let left = text.lines().find(|line| !line.trim_start().starts_with('#') && line.contains("${"));
                assert_eq!(left, None, "{name}");
            }
            for (name, _) in values {
                let word = format!("${{{name}}}");
                assert!(files.iter().any(|(_, template)| template.contains(&word)), "{name} is nowhere");
            }
        }
    }

    #[test]
    fn every_file_that_is_included_is_rendered_and_no_other() {
        for (config, files) in mains() {
            let lines = files.iter().flat_map(|(_, template)| template.lines());
            let included = lines.filter_map(|line| line.trim().strip_prefix("include ")?.strip_suffix(';'));
            let mut included: Vec<&str> = included.chain([own(&config)[0].0]).collect();
            included.sort_unstable();
            included.dedup();
            let mut rendered: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
            rendered.sort_unstable();
            assert_eq!(included, rendered);
        }
    }

    #[test]
    fn a_path_that_nginx_would_misread_is_refused() {
        for path in ["/run/$host", "/run/a\"b", "/run/a\\b", "/run/a\nb"] {
            assert!(quotable(path).is_err(), "{path}");
        }
        assert_eq!(quotable("/run/a b;c").unwrap(), "/run/a b;c");
    }
}
