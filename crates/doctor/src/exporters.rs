//! What each service was told of its exporters: what it was started with, as the kernel still has it. No page of a service
//! tells that, so it is known only of processes of this machine that we may look at, which those in containers are not.

use super::containers;
use super::finding::Report;
use super::places::Places;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A setting, where one signal has its own: those names win in this order. And what holds when none is set
/// (docs/SETTINGS.md).
struct Setting {
    names: &'static [&'static str],
    usual: &'static str,
}

const DISABLED: Setting = Setting { names: &["OTEL_SDK_DISABLED"], usual: "false" };
const TRACES: Setting = Setting { names: &["OTEL_TRACES_EXPORTER"], usual: "otlp" };
const METRICS: Setting = Setting { names: &["OTEL_METRICS_EXPORTER"], usual: "otlp" };
const LOGS: Setting = Setting { names: &["OTEL_LOGS_EXPORTER"], usual: "otlp" };
const ENDPOINT: Setting = Setting {
    names: &["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    usual: "http://127.0.0.1, the usual port",
};
const PROTOCOL: Setting =
    Setting { names: &["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"], usual: "http/protobuf" };
const SAMPLER: Setting = Setting { names: &["OTEL_TRACES_SAMPLER"], usual: "parentbased_always_on" };
const RATIO: Setting = Setting { names: &["OTEL_TRACES_SAMPLER_ARG"], usual: "1" };
const PROPAGATORS: Setting = Setting { names: &["OTEL_PROPAGATORS"], usual: "tracecontext,baggage" };

/// In which all services of a chain have to agree, and what comes of it where they do not.
const ALIKE: [(&Setting, &str); 5] = [
    (&ENDPOINT, "spans of one trace go to different places, and each has a part of it"),
    (&PROTOCOL, "one receiver takes both only on two ports"),
    (&SAMPLER, "each decides on traces by another rule, and where it asks no caller, traces have holes"),
    (&RATIO, "each decides on traces by another rule, and where it asks no caller, traces have holes"),
    (&PROPAGATORS, "a trace ends where the next service does not read its headers"),
];

type Environment = BTreeMap<String, String>;

impl Setting {
    fn of<'a>(&self, environment: &'a Environment) -> &'a str {
        // An empty value counts as unset.
        let given = self.names.iter().filter_map(|name| environment.get(*name)).find(|value| !value.is_empty());
        place(given.map_or(self.usual, |value| value.trim()))
    }

    /// The name that most people set.
    fn name(&self) -> &'static str {
        self.names.last().unwrap_or(&"")
    }
}

/// Of a URL host and port: two may name one receiver with and without a path, and what stands before and behind may be a
/// secret. Any other value as it is.
fn place(value: &str) -> &str {
    let Some((_, rest)) = value.split_once("://") else { return value };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Looks at each service, then at what they should agree in.
pub async fn examine(places: &Places, report: &mut Report) {
    let mut known = Vec::new();
    let mut in_containers = match &places.docker {
        Some(docker) => containers::settings(docker, &places.services).await,
        None => BTreeMap::new(),
    };
    for (service, _) in &places.services {
        let process = places.processes.iter().find(|(name, _)| name == service);
        let in_container = in_containers.remove(service).map(of_pairs);
        match process.and_then(|(_, pid)| environment(*pid)).or(in_container) {
            Some(environment) => {
                one(service, &environment, places, report);
                known.push((service.as_str(), environment));
            }
            None => report.skip(
                format!("{service}, exporters"),
                "its settings cannot be seen from here: it is no process of this user, and no container of an engine here",
            ),
        }
    }
    for (setting, consequence) in ALIKE {
        agree(&known, setting, consequence, report);
    }
}

fn one(service: &str, environment: &Environment, places: &Places, report: &mut Report) {
    let part = format!("{service}, exporters");
    let (traces, metrics, logs) = (TRACES.of(environment), METRICS.of(environment), LOGS.of(environment));
    let (endpoint, protocol) = (ENDPOINT.of(environment), PROTOCOL.of(environment));
    let seen = format!(
        "traces {traces}, metrics {metrics}, logs {logs}, to {endpoint} by {protocol}; sampler {}",
        SAMPLER.of(environment)
    );
    if DISABLED.of(environment).eq_ignore_ascii_case("true") {
        report.fail(part, "OTEL_SDK_DISABLED is true", format!("unset it and start {service} again"));
    } else if traces == "none" {
        report.fail(part, seen, format!("set OTEL_TRACES_EXPORTER of {service} to otlp and start it again"));
    } else if metrics == "none" && places.prometheus.is_some() {
        report.warn(
            part,
            seen,
            format!("set OTEL_METRICS_EXPORTER of {service} to otlp: Prometheus gets nothing of it"),
        );
    } else if !SAMPLER.of(environment).to_ascii_lowercase().starts_with("parentbased_") {
        report.warn(
            part,
            seen,
            format!(
                "put parentbased_ before OTEL_TRACES_SAMPLER of {service}: it asks no caller, and where it decides otherwise, \
                 traces have holes"
            ),
        );
    } else {
        report.ok(part, seen);
    }
}

fn agree(known: &[(&str, Environment)], setting: &Setting, consequence: &str, report: &mut Report) {
    let values: BTreeSet<&str> = known.iter().map(|(_, environment)| setting.of(environment)).collect();
    if values.len() > 1 {
        let each = known.iter().map(|(service, environment)| format!("{service} has {}", setting.of(environment)));
        report.warn(
            format!("exporters, {}", setting.name()),
            each.collect::<Vec<_>>().join(", "),
            format!("give all of them the same: {consequence}"),
        );
    }
}

/// What a process was started with (proc(5), environ); `None` where it is gone, or somebody else's.
fn environment(pid: u32) -> Option<Environment> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let pairs = of_pairs(text.split('\0'));
    // Nobody runs without any; a process that is just beginning has none yet, to those who look.
    (!pairs.is_empty()).then_some(pairs)
}

/// Of `NAME=value`.
fn of_pairs(pairs: impl IntoIterator<Item = impl AsRef<str>>) -> Environment {
    let split = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    pairs.into_iter().filter_map(|pair| split(pair.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;
    use std::process::{Child, Command};

    /// A process with such settings; it ends with this.
    struct Service(Child);

    impl Service {
        fn with(settings: &[(&str, &str)]) -> Self {
            let mut command = Command::new("/bin/sleep");
            let child = command.arg("600").env_clear().env("PATH", "/bin").envs(settings.iter().copied()).spawn();
            let service = Self(child.unwrap());
            // The kernel shows its environment a moment after it has begun.
            while environment(service.0.id()).is_none() {
                std::thread::yield_now();
            }
            service
        }
    }

    impl Drop for Service {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    async fn found(user: &Service, order: &Service) -> Vec<(String, State, String)> {
        let names = ["user-service", "order-service"].map(str::to_owned);
        let places = Places {
            services: names.iter().map(|name| (name.clone(), String::new())).collect(),
            processes: names.into_iter().zip([user.0.id(), order.0.id()]).collect(),
            prometheus: Some(String::new()),
            ..Places::default()
        };
        let mut report = Report::default();
        examine(&places, &mut report).await;
        let words = |words: Option<String>| words.unwrap_or_default();
        report.findings.into_iter().map(|found| (found.part, found.state, found.seen + &words(found.advice))).collect()
    }

    fn state(found: &[(String, State, String)], part: &str) -> Option<State> {
        found.iter().find(|(name, ..)| name == part).map(|(_, state, _)| *state)
    }

    #[tokio::test]
    async fn what_a_service_uses_is_said_and_two_that_agree_are_well() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://someone:secret@collector:4318/secret?key=secret");
        let (user, order) = (Service::with(&[endpoint]), Service::with(&[endpoint, ("OTEL_TRACES_SAMPLER", "")]));
        let found = found(&user, &order).await;
        assert!(found.iter().all(|(_, state, _)| *state == State::Ok), "{found:?}");
        assert!(found[0].2.contains("traces otlp") && found[0].2.contains("collector:4318"), "{found:?}");
        assert!(!found[0].2.contains("secret"), "{found:?}");
    }

    #[tokio::test]
    async fn an_exporter_that_is_off_is_named() {
        let user = Service::with(&[("OTEL_TRACES_EXPORTER", "none")]);
        let order = Service::with(&[("OTEL_SDK_DISABLED", "true")]);
        let of_both = found(&user, &order).await;
        assert_eq!(state(&of_both, "user-service, exporters"), Some(State::Failed), "{of_both:?}");
        assert_eq!(state(&of_both, "order-service, exporters"), Some(State::Failed), "{of_both:?}");
        let user = Service::with(&[("OTEL_METRICS_EXPORTER", "none")]);
        let of_metrics = found(&user, &order).await;
        assert_eq!(state(&of_metrics, "user-service, exporters"), Some(State::Warning), "{of_metrics:?}");
    }

    #[tokio::test]
    async fn a_service_that_asks_no_caller_whether_to_sample_is_named() {
        let sampler = |name| Service::with(&[("OTEL_TRACES_SAMPLER", name)]);
        let found = found(&sampler("traceidratio"), &sampler("ParentBased_TraceIDRatio")).await;
        assert_eq!(state(&found, "user-service, exporters"), Some(State::Warning), "{found:?}");
        assert_eq!(state(&found, "order-service, exporters"), Some(State::Ok), "{found:?}");
    }

    #[tokio::test]
    async fn services_that_disagree_are_named_with_what_each_has() {
        let user = Service::with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://one:4318"), ("OTEL_PROPAGATORS", "b3")]);
        let order = Service::with(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://other:4318/v1/traces")]);
        let found = found(&user, &order).await;
        assert_eq!(state(&found, "exporters, OTEL_EXPORTER_OTLP_ENDPOINT"), Some(State::Warning), "{found:?}");
        assert_eq!(state(&found, "exporters, OTEL_PROPAGATORS"), Some(State::Warning), "{found:?}");
        assert_eq!(state(&found, "exporters, OTEL_TRACES_SAMPLER"), None, "{found:?}");
        let said = &found.iter().find(|(part, ..)| part.ends_with("ENDPOINT")).unwrap().2;
        assert!(said.contains("user-service has one:4318, order-service has other:4318"), "{said}");
    }

    #[tokio::test]
    async fn a_process_that_nobody_can_look_at_is_said_so() {
        let (user, order) = (Service::with(&[]), Service::with(&[]));
        let gone = order.0.id();
        drop(order);
        let mut places = Places { services: vec![("order-service".into(), String::new())], ..Places::default() };
        places.processes = vec![("order-service".into(), gone)];
        let mut report = Report::default();
        examine(&places, &mut report).await;
        assert_eq!(report.findings[0].state, State::Skipped, "{report:?}");
        drop(user);
    }
}
