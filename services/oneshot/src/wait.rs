//! Waiting for a container that has nothing inside to ask it with.

use std::str::FromStr;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between two questions: an answer is noticed at once, and a start of seconds costs some dozen of them.
const PAUSE: Duration = Duration::from_millis(250);
/// What `http://` means without a port.
const HTTP_PORT: u16 = 80;

/// A URL as far as it is needed to ask a container: `http://host:port/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
    path: String,
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be a URL such as http://otel-collector:13133/";
        let rest = text.strip_prefix("http://").ok_or(wrong)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong)?),
            None => (authority, HTTP_PORT),
        };
        if host.is_empty() || host.contains(['@', '?', '#', ' ']) {
            return Err(wrong);
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { host: host.to_owned(), port, path: path.to_owned() })
    }
}

/// Asks again and again; says how long it took, or what the last question brought.
pub fn until_it_answers(target: &Target, limit: Duration) -> Result<String, String> {
    let begun = Instant::now();
    let Target { host, port, path } = target;
    loop {
        match probe::http_answers((host.as_str(), *port), path) {
            Ok(()) => return Ok(format!("{host}:{port}{path} answers after {:.1} s", begun.elapsed().as_secs_f64())),
            Err(reason) if begun.elapsed() >= limit => {
                return Err(format!("{host}:{port}{path}, asked for {} s: {reason}", limit.as_secs()));
            }
            Err(_) => sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_host_port_and_path() {
        let target = |host: &str, port, path: &str| Ok(Target { host: host.into(), port, path: path.into() });
        assert_eq!("http://otel-collector:13133/".parse(), target("otel-collector", 13133, "/"));
        assert_eq!("http://tempo".parse(), target("tempo", 80, "/"));
        assert_eq!("http://tempo:3200/ready?x=1".parse(), target("tempo", 3200, "/ready?x=1"));
        for wrong in ["https://tempo/", "tempo:3200", "http://", "http://:80/", "http://a@b/", "http://tempo:many/"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
