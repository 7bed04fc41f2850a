//! What requests may say, and whose word counts: propagators, baggage, known methods, trusted peers.

use super::Network;
use super::variables::Variables;
use crate::privacy::is_private;
use crate::propagation::{Propagator, baggage};
use crate::semconv;

/// Methods that are recorded as they are. A list of one's own stands instead of the usual one, as the conventions say.
pub(super) fn known_methods(variables: &Variables<'_>) -> Vec<String> {
    const NAME: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";
    let methods = variables.list(NAME);
    let methods = methods.unwrap_or_else(|| semconv::KNOWN_METHODS.map(str::to_owned).into());
    tokens(variables, NAME, methods, "must be a list of HTTP methods, such as GET,POST")
}

/// The word for an empty list, where an empty value counts as unset.
const NONE: &str = "none";

/// What requests are read from, and calls are written to, each once.
///
/// Source: OpenTelemetry specification, "General SDK Configuration", `OTEL_PROPAGATORS`.
pub(super) fn propagators(variables: &Variables<'_>) -> Vec<Propagator> {
    const NAME: &str = "OTEL_PROPAGATORS";
    let Some(names) = variables.list(NAME) else { return Propagator::DEFAULT.into() };
    let mut propagators = Vec::new();
    for name in names.iter().map(|name| name.to_ascii_lowercase()) {
        match name.parse() {
            Ok(propagator) if propagators.contains(&propagator) => {}
            Ok(propagator) => propagators.push(propagator),
            Err(_) if name == NONE && names.len() == 1 => {}
            Err(_) => {
                let known = Propagator::ALL.map(Propagator::name).join(", ");
                variables.refuse(NAME, format_args!("must be none, or a list of {known}"));
            }
        }
    }
    propagators
}

/// Members of a caller's baggage that travel on.
pub(super) fn baggage_keys(variables: &Variables<'_>) -> Vec<String> {
    const NAME: &str = "TELEMETRY_BAGGAGE_KEYS";
    match variables.list(NAME) {
        None => baggage::DEFAULT_KEYS.map(str::to_owned).into(),
        Some(keys) if keys == [NONE] => Vec::new(),
        Some(keys) => {
            // It goes to everybody who is called.
            if !personal_data(variables) && keys.iter().any(|key| is_private(key)) {
                variables.refuse(NAME, "may have keys of personal data and of secrets only with TELEMETRY_PII=plain");
            }
            tokens(variables, NAME, keys, "must be none, or a list of baggage keys, such as tenant.id,region")
        }
    }
}

/// Whether keys that are private may be in spans, log records, baggage and the resource.
pub(super) fn personal_data(variables: &Variables<'_>) -> bool {
    variables.choice(&["TELEMETRY_PII"], &[("off", false), ("plain", true)], &[], false)
}

/// Queries hold whatever an application puts there, so that recording them is somebody's decision.
pub(super) fn queries_recorded(variables: &Variables<'_>) -> bool {
    variables.choice(&["TELEMETRY_URL_QUERY"], &[("off", false), ("redacted", true)], &[], false)
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
    if !members.iter().all(|member| baggage::is_key(member)) {
        variables.refuse(name, rule);
    }
    members
}

#[cfg(test)]
mod tests {
    use super::{Propagator, baggage};
    use crate::config::tests::{problems, read};

    #[test]
    fn lists_are_read_and_have_sensible_defaults() {
        let config = read(&[]);
        assert_eq!((config.known_methods.len(), config.trusted_peers.len()), (10, 0));
        assert_eq!(config.baggage_keys, baggage::DEFAULT_KEYS);
        assert!(!config.queries_recorded && read(&[("TELEMETRY_URL_QUERY", "redacted")]).queries_recorded);
        let config = read(&[
            ("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "GET, PURGE"),
            ("TELEMETRY_TRUSTED_PEERS", "127.0.0.1, 10.0.0.0/8,::1"),
            ("TELEMETRY_BAGGAGE_KEYS", "tenant.id,region"),
        ]);
        assert_eq!(config.known_methods, ["GET", "PURGE"]);
        assert_eq!(config.baggage_keys, ["tenant.id", "region"]);
        assert!(config.trusted_peers[1].contains([10, 1, 2, 3].into()));
        assert_eq!(read(&[("TELEMETRY_BAGGAGE_KEYS", "none")]).baggage_keys, [""; 0]);
    }

    #[test]
    fn baggage_with_keys_of_people_and_secrets_is_refused_unless_it_may_be_plain() {
        const REFUSED: &str =
            "TELEMETRY_BAGGAGE_KEYS may have keys of personal data and of secrets only with TELEMETRY_PII=plain";
        for keys in ["user.email", "tenant.id,access_token"] {
            assert_eq!(problems(&[("TELEMETRY_BAGGAGE_KEYS", keys)]), [REFUSED], "{keys}");
            let plain = read(&[("TELEMETRY_BAGGAGE_KEYS", keys), ("TELEMETRY_PII", "plain")]);
            assert_eq!(plain.baggage_keys.join(","), keys);
        }
    }

    #[test]
    fn propagators_are_a_list_without_repetitions_or_none() {
        let table: [(&str, &[Propagator]); 4] = [
            ("", &[Propagator::TraceContext, Propagator::Baggage]),
            ("none", &[]),
            ("b3, TraceContext,b3", &[Propagator::B3, Propagator::TraceContext]),
            ("b3multi,jaeger,baggage", &[Propagator::B3Multi, Propagator::Jaeger, Propagator::Baggage]),
        ];
        for (value, expected) in table {
            assert_eq!(read(&[("OTEL_PROPAGATORS", value)]).propagators, expected, "{value}");
        }
        for wrong in ["xray", "tracecontext,none", "tracecontext baggage"] {
            assert_eq!(
                problems(&[("OTEL_PROPAGATORS", wrong)]),
                ["OTEL_PROPAGATORS must be none, or a list of tracecontext, baggage, b3, b3multi, jaeger"],
                "{wrong}"
            );
        }
    }

    #[test]
    fn members_that_are_none_are_refused() {
        let table = [
            ("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "GET,P OST", "must be a list of HTTP methods"),
            ("TELEMETRY_TRUSTED_PEERS", "localhost", "must be a list of IP addresses"),
            ("TELEMETRY_BAGGAGE_KEYS", "tenant=a", "must be none, or a list of baggage keys"),
        ];
        for (name, value, rule) in table {
            let problems = problems(&[(name, value)]);
            assert!(problems.len() == 1 && problems[0].starts_with(&format!("{name} {rule}")), "{problems:?}");
        }
    }
}
