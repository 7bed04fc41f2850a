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

/// The main file; it includes all others.
const MAIN: &str = "native.conf";

const TEMPLATES: [(&str, &str); 12] = templates![
    "native.conf",
    "native-trace.conf",
    "routes.conf",
    "problems.conf",
    "problem-headers.conf",
    "limits.conf",
    "per-address.conf",
    "upstreams.conf",
    "access-log.conf",
    "answers.conf",
    "public.conf",
    "proxy.conf",
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
    for (name, template) in TEMPLATES {
        let path = directory.join(name);
        fs::write(&path, fill(template, &values)).map_err(Error::file("write", &path))?;
    }
    Ok(directory.join(MAIN))
}

fn values(config: &GatewayConfig, run_directory: &Path, access_log: &Path) -> Result<Vec<(&'static str, String)>> {
    let ms = |duration: Duration| duration.as_millis().max(1).to_string();
    Ok(vec![
        ("GATEWAY_WORKER_USER", worker::user_directive()?),
        ("GATEWAY_RUN_DIRECTORY", quotable(run_directory)?),
        ("GATEWAY_ACCESS_LOG", quotable(access_log)?),
        ("GATEWAY_LISTEN", config.listen.to_string()),
        ("GATEWAY_USER_UPSTREAM", config.user_upstream.to_string()),
        ("GATEWAY_ORDER_UPSTREAM", config.order_upstream.to_string()),
        ("GATEWAY_AUDIT_UPSTREAM", config.audit_upstream.to_string()),
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
    ])
}

fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::file("find", path))
}

/// A path as it may stand between quotes; nginx would take some characters for its own.
fn quotable(path: &Path) -> Result<String> {
    match path.to_str() {
        Some(text) if !text.contains(|c: char| "\"\\$".contains(c) || c.is_control()) => Ok(text.to_owned()),
        _ => Err(Error::Unusable(format!("nginx cannot have {} in its configuration", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_left_to_be_filled_in() {
        let config = GatewayConfig::new("/run/gateway");
        let values = values(&config, Path::new("/run/gateway"), Path::new("/run/gateway/access.log")).unwrap();
        for (name, template) in TEMPLATES {
            let text = fill(template, &values);
            assert!(!text.contains("${"), "{name}: {text}");
        }
        for (name, _) in values {
            let word = format!("${{{name}}}");
            assert!(TEMPLATES.iter().any(|(_, template)| template.contains(&word)), "{name} is nowhere");
        }
    }

    #[test]
    fn every_file_that_is_included_is_rendered() {
        for (name, template) in TEMPLATES {
            for line in template.lines().filter_map(|line| line.trim().strip_prefix("include ")) {
                let included = line.trim_end_matches(';');
                assert!(TEMPLATES.iter().any(|(name, _)| *name == included), "{name} includes {included}");
            }
        }
    }

    #[test]
    fn a_path_that_nginx_would_misread_is_refused() {
        for path in ["/run/$host", "/run/a\"b", "/run/a\\b", "/run/a\nb"] {
            assert!(quotable(Path::new(path)).is_err(), "{path}");
        }
        assert_eq!(quotable(Path::new("/run/a b;c")).unwrap(), "/run/a b;c");
    }
}
