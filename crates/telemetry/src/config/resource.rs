//! Who this process is: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`.
//!
//! Source: OpenTelemetry specification, "Resource SDK", "Specifying resource information via an environment variable".

use super::percent;
use super::requests::personal_data;
use super::variables::Variables;
use crate::privacy::is_private;

/// The name of the service: its variable, then `service.name` of the attributes, then the program's own.
pub(super) fn service_name(variables: &Variables<'_>, attributes: &[(String, String)], default: &str) -> String {
    let named = attributes.iter().find(|(key, _)| key == "service.name").map(|(_, value)| value.clone());
    variables.get("OTEL_SERVICE_NAME").or(named).unwrap_or_else(|| default.to_owned())
}

/// `key=value` members; a key that comes twice has its last value. They are in everything that is exported: private keys are left
/// out, as they are of spans.
pub(super) fn attributes(variables: &Variables<'_>) -> Vec<(String, String)> {
    const NAME: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let mut attributes: Vec<(String, String)> = Vec::new();
    for member in variables.list(NAME).unwrap_or_default() {
        let Some((key, value)) = member.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
            variables.refuse(NAME, "must be a list of key=value, separated by commas");
            continue;
        };
        let (key, value) = (percent::decoded(key.trim()), percent::decoded(value.trim()));
        if is_private(&key) && !personal_data(variables) {
            variables.ignore(NAME, "has keys that name people or are secrets: left out unless TELEMETRY_PII=plain");
            continue;
        }
        match attributes.iter_mut().find(|(known, _)| *known == key) {
            Some(attribute) => attribute.1 = value,
            None => attributes.push((key, value)),
        }
    }
    attributes
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{problems, read};

    #[test]
    fn resource_attributes_are_percent_decoded() {
        let config = read(&[("OTEL_RESOURCE_ATTRIBUTES", "team=b%20c, , odd = 50%,empty=,team=last%2Cone")]);
        let expected = [("team", "last,one"), ("odd", "50%"), ("empty", "")];
        assert_eq!(config.resource_attributes, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn private_keys_are_left_out_unless_they_may_be_plain() {
        let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "team=blue,user.email=canary,deploy_token=canary,k8s.pod.name=a");
        let config = read(&[attributes]);
        let kept: Vec<_> = config.resource_attributes.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(kept, ["team", "k8s.pod.name"]);
        assert!(config.ignored.len() == 1 && config.ignored[0].contains("TELEMETRY_PII=plain"), "{:?}", config.ignored);
        assert!(!config.ignored[0].contains("canary"));
        let plain = read(&[attributes, ("TELEMETRY_PII", "plain")]);
        assert_eq!((plain.resource_attributes.len(), plain.ignored.len()), (4, 0));
    }

    #[test]
    fn the_services_name_comes_from_its_own_variable_first() {
        let both = [("OTEL_RESOURCE_ATTRIBUTES", "service.name=from-attributes"), ("OTEL_SERVICE_NAME", "own")];
        assert_eq!(read(&both).service_name, "own");
        assert_eq!(read(&both[..1]).service_name, "from-attributes");
        assert_eq!(read(&[("OTEL_SERVICE_NAME", "  ")]).service_name, "test-service");
    }

    #[test]
    fn a_member_without_a_key_or_a_value_is_refused() {
        for wrong in ["team", "=blue", "a=1,team"] {
            assert_eq!(
                problems(&[("OTEL_RESOURCE_ATTRIBUTES", wrong)]),
                ["OTEL_RESOURCE_ATTRIBUTES must be a list of key=value, separated by commas"],
                "{wrong}"
            );
        }
    }
}
