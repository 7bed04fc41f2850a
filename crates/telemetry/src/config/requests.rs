//! What requests may say, and whose word counts: known methods, trusted peers, baggage.

use super::Network;
use super::variables::Variables;

/// The methods that the semantic conventions know: RFC 9110, PATCH (RFC 5789) and QUERY.
const KNOWN_METHODS: [&str; 10] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"];

/// Methods that are recorded as they are. A list of one's own stands instead of the usual one, as the conventions say.
pub(super) fn known_methods(variables: &Variables<'_>) -> Vec<String> {
    const NAME: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";
    let methods = variables.list(NAME);
    let methods = methods.unwrap_or_else(|| KNOWN_METHODS.map(str::to_owned).into());
    tokens(variables, NAME, methods, "must be a list of HTTP methods, such as GET,POST")
}

/// Members of a caller's baggage that travel on.
pub(super) fn baggage_keys(variables: &Variables<'_>) -> Vec<String> {
    const NAME: &str = "TELEMETRY_BAGGAGE_KEYS";
    let keys = variables.list(NAME).unwrap_or_default();
    tokens(variables, NAME, keys, "must be a list of baggage keys, such as tenant.id,region")
}

/// Peers whose word on the client's address counts.
pub(super) fn trusted_peers(variables: &Variables<'_>) -> Vec<Network> {
    const NAME: &str = "TELEMETRY_TRUSTED_PEERS";
    let mut peers = Vec::new();
    for member in variables.list(NAME).unwrap_or_default() {
        match member.parse() {
            Ok(network) => peers.push(network),
            Err(_) => {
                variables.refuse(NAME, "must be a list of IP addresses and networks, such as 127.0.0.1,10.0.0.0/8")
            }
        }
    }
    peers
}

/// Methods and baggage keys are both `token`s (RFC 9110 section 5.6.2).
fn tokens(variables: &Variables<'_>, name: &str, members: Vec<String>, rule: &str) -> Vec<String> {
    let of_a_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if members.iter().any(|member| !member.bytes().all(of_a_token)) {
        variables.refuse(name, rule);
    }
    members
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{problems, read};

    #[test]
    fn lists_are_read_and_have_sensible_defaults() {
        let config = read(&[]);
        assert_eq!((config.known_methods.len(), config.trusted_peers.len(), config.baggage_keys.len()), (10, 0, 0));
        let config = read(&[
            ("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "GET, PURGE"),
            ("TELEMETRY_TRUSTED_PEERS", "127.0.0.1, 10.0.0.0/8,::1"),
            ("TELEMETRY_BAGGAGE_KEYS", "tenant.id,region"),
        ]);
        assert_eq!(config.known_methods, ["GET", "PURGE"]);
        assert_eq!(config.baggage_keys, ["tenant.id", "region"]);
        assert!(config.trusted_peers[1].contains([10, 1, 2, 3].into()));
    }

    #[test]
    fn members_that_are_none_are_refused() {
        let table = [
            ("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "GET,P OST", "must be a list of HTTP methods"),
            ("TELEMETRY_TRUSTED_PEERS", "localhost", "must be a list of IP addresses"),
            ("TELEMETRY_BAGGAGE_KEYS", "tenant=a", "must be a list of baggage keys"),
        ];
        for (name, value, rule) in table {
            let problems = problems(&[(name, value)]);
            assert!(problems.len() == 1 && problems[0].starts_with(&format!("{name} {rule}")), "{problems:?}");
        }
    }
}
