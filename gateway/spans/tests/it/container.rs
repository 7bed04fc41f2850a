//! `gateway/nginx/start.sh`, which does in a container what `native::nginx::render` does here.

use native::nginx::{GatewayConfig, OtelModule, Sampler, render};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const START: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../nginx/start.sh");
/// What the container cannot have the same: it has no root, fewer workers, and no name for itself.
const SAME: [(&str, &str); 8] = [
    ("GATEWAY_WORKERS", "auto"),
    ("GATEWAY_LISTEN", "127.0.0.1:8080"),
    ("GATEWAY_USER_UPSTREAM", "127.0.0.1:5001"),
    ("GATEWAY_ORDER_UPSTREAM", "127.0.0.1:5002"),
    ("GATEWAY_AUDIT_UPSTREAM", "127.0.0.1:5003"),
    ("NGINX_OTEL_MODULE", "/modules/otel.so"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317/"),
    ("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=one,service.name=other,deployment.environment.name=test"),
];

/// A directory with an nginx that only says its version and with what it was started.
struct Image {
    directory: TempDir,
}

impl Image {
    fn new(version: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (text, program) = (directory.path().join("text"), directory.path().join("nginx"));
        let script =
            format!("#!/bin/sh\n[ \"$1\" != -v ] || exec echo 'nginx version: nginx/{version}' >&2\necho \"$@\"\n");
        fs::write(&text, script).unwrap();
        // Not written by this process: what another test starts meanwhile would have the program open for writing until
        // it is a process of its own, and nobody can run a program that somebody writes to.
        assert!(Command::new("cp").args([&text, &program]).status().unwrap().success());
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { directory }
    }

    fn run_directory(&self) -> PathBuf {
        self.directory.path().join("run")
    }

    fn start(&self, main: &str, environment: &[(&str, &str)]) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.directory.path().display());
        let mut command = Command::new("sh");
        command.args([START, main]).env_clear().env("PATH", path).env("GATEWAY_RUN_DIRECTORY", self.run_directory());
        command.envs(environment.iter().copied()).output().unwrap()
    }

    fn rendered(&self) -> BTreeMap<String, String> {
        files(&self.run_directory().join("configuration"))
    }
}

fn files(directory: &Path) -> BTreeMap<String, String> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        // Only a root has another user for the workers.
        let lines = text.lines().map(|line| if line.starts_with("user ") { "" } else { line });
        (path.file_name().unwrap().to_str().unwrap().to_owned(), lines.collect::<Vec<_>>().join("\n"))
    };
    fs::read_dir(directory).unwrap().map(|entry| read(entry.unwrap().path())).collect()
}

/// A main, what a container's environment says, and the same for this machine.
type Case = (&'static str, Vec<(&'static str, &'static str)>, fn(&mut GatewayConfig));

fn cases() -> [Case; 6] {
    [
        ("native", vec![], |_| {}),
        ("otel", vec![], with_module),
        ("otel", vec![("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.00001")], |config| {
            with_module(config);
            config.sampler = Sampler::parse("traceidratio", Some("0.00001")).unwrap();
        }),
        ("native", vec![("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"), ("TRUST_INBOUND_TRACE", "1")], |config| {
            config.sampler = Sampler::parse("parentbased_traceidratio", None).unwrap();
            config.trust_inbound_trace = true;
        }),
        ("native", vec![("OTEL_SDK_DISABLED", "TRUE")], |config| {
            config.sampler = Sampler::parse("always_off", None).unwrap();
        }),
        ("native", vec![("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.0")], |config| {
            config.sampler = Sampler::parse("traceidratio", Some("0")).unwrap();
        }),
    ]
}

fn with_module(config: &mut GatewayConfig) {
    let mut module = OtelModule::new("/modules/otel.so", ([127, 0, 0, 1], 4317).into());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    module.resource_attributes = vec![pair("service.instance.id", "one"), pair("deployment.environment.name", "test")];
    config.otel = Some(module);
    config.access_log = "/dev/stdout".into();
}

#[test]
fn a_container_has_the_same_configuration_and_defaults() {
    for (main, environment, change) in cases() {
        let image = Image::new("1.22.1");
        let output = image.start(main, &[&SAME[..], &environment].concat());
        assert!(output.status.success(), "{output:?}");
        let run = image.run_directory();
        let started = String::from_utf8(output.stdout).unwrap();
        assert!(started.trim_end().ends_with(&format!("-c {}/configuration/{main}.conf", run.display())), "{started}");
        let mut config = GatewayConfig::new(&run);
        change(&mut config);
        let here = tempfile::tempdir().unwrap();
        render(&config, here.path()).unwrap();
        let there = image.rendered();
        for (name, text) in files(here.path()) {
            assert_eq!(there[&name], text, "{main} {environment:?} {name}");
        }
    }
}

#[test]
fn names_are_looked_up_again_where_nginx_can() {
    for (version, can) in [("1.22.1", false), ("1.27.2", false), ("1.27.3", true), ("1.30.0", true), ("2.0.0", true)] {
        let image = Image::new(version);
        assert!(image.start("otel", &[]).status.success());
        let upstreams = &image.rendered()["upstreams.conf"];
        assert_eq!(upstreams.contains("user-service:5001 max_fails=0 resolve;"), can, "{version}: {upstreams}");
        assert_eq!(upstreams.starts_with("resolver "), can, "{version}: {upstreams}");
    }
}

#[test]
fn wrong_values_are_all_named() {
    let wrong = [
        ("GATEWAY_LISTEN", "nowhere"),
        ("GATEWAY_USER_UPSTREAM", "user-service"),
        ("GATEWAY_WORKERS", "0"),
        ("GATEWAY_BURST", "1; }"),
        ("GATEWAY_READ_TIMEOUT_MS", "1\n2;"),
        ("GATEWAY_CONNECTIONS_PER_ADDRESS", "70000"),
        ("TRUST_INBOUND_TRACE", "yes"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=\"b"),
    ];
    let output = Image::new("1.30.0").start("otel", &wrong);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    for (variable, _) in wrong {
        assert!(said.lines().any(|line| line.starts_with(&format!("gateway: {variable}: "))), "{variable}: {said}");
    }
    assert!(output.stdout.is_empty(), "nginx was not started");
}

#[test]
fn a_killed_gateways_sockets_are_removed() {
    let image = Image::new("1.30.0");
    fs::create_dir(image.run_directory()).unwrap();
    let socket = image.run_directory().join("hop.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(image.start("otel", &[]).status.success());
    assert!(!socket.exists());
}
