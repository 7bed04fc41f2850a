//! `cargo stack install-backends` with a Go that only notes what it is asked, and writes a script for a program.

use crate::stack::{Stack, text};
use native::process::{Identity, Signal};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Far beyond what anything here takes; a test that waits this long has failed.
const LONG: Duration = Duration::from_secs(60);
/// What is built, each with the folder of its version; the Collector's has a hash behind it.
const BUILT: [(&str, &str); 4] = [
    ("otelcol", "otelcol-0.158.0-"),
    ("prometheus", "prometheus-3.14.0"),
    ("promtool", "prometheus-3.14.0"),
    ("loki", "loki-3.7.8"),
];

/// A build that goes on until the test lets it, or is over.
const UNTIL_RELEASED: &str =
    r#"here=$(dirname "$0"); until [ -e "$here/released" ] || [ ! -d "$here" ]; do sleep 0.05; done"#;

/// A folder with a `go` and one for the cache.
struct Machine(Stack);

impl Machine {
    /// Its Go has this version, and does this before it writes a program.
    fn with_go(version: &str, before_build: &str) -> Self {
        let machine = Self(Stack::new());
        let noted = machine.noted();
        let script = format!(
            r#"#!/bin/sh
echo "$@" >>{noted}
case "$1 $2" in
"env "*) printf '%s\nlocal\n' {version} ;;
"run "*) for last; do :; done; mkdir -p "$last" ;;
"mod edit") echo '{{"Go": "1.25.8", "Replace": [{{"Old": {{"Path": "a.org/a"}}, "New": {{"Path": "b.org/b", "Version": "v1.0.0"}}}}]}}' ;;
"mod download") echo '{{"GoMod": "/dev/null"}}' ;;
"build "*)
  while [ "$1" != -o ]; do shift; done
  program=$2
  echo "$$ $program" >>{noted}.builds
  cp go.mod {noted}.module 2>/dev/null
  {before_build}
  printf '#!/bin/sh\necho version 1.2.3\n' >"$program"
  chmod 755 "$program"
  ;;
esac
"#,
            noted = noted.display()
        );
        let bin = machine.0.state().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::fs::write(bin.join("go"), script).unwrap();
        std::fs::set_permissions(bin.join("go"), PermissionsExt::from_mode(0o755)).unwrap();
        machine
    }

    fn noted(&self) -> PathBuf {
        self.0.state().join("noted")
    }

    /// What Go was asked, a line each.
    fn asked(&self) -> String {
        std::fs::read_to_string(self.noted()).unwrap_or_default()
    }

    /// The process and the file of each build that was begun.
    fn builds(&self) -> Vec<(u32, PathBuf)> {
        let noted = std::fs::read_to_string(self.noted().with_extension("builds")).unwrap_or_default();
        let build = |line: &str| line.split_once(' ').map(|(pid, path)| (pid.parse().unwrap(), path.into()));
        noted.lines().filter_map(build).collect()
    }

    fn await_build(&self) -> u32 {
        let deadline = Instant::now() + LONG;
        loop {
            if let Some((pid, _)) = self.builds().first() {
                return *pid;
            }
            assert!(Instant::now() < deadline, "nothing is being built: {}", self.asked());
        }
    }

    fn backends(&self) -> PathBuf {
        self.0.state().join("cache/backends")
    }

    /// The folders below the cache folder's `backends`, in order.
    fn folders(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.backends()).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command(&[&["install-backends"], arguments].concat());
        for name in ["OTELCOL_BIN", "PROMETHEUS_BIN", "PROMTOOL_BIN", "LOKI_BIN", "TEMPO_BIN"] {
            command.env_remove(name);
        }
        // Nothing else is in PATH but what the script calls.
        command.env("PATH", format!("{}:/usr/bin:/bin", self.0.state().join("bin").display()));
        command.env("TRACECHAIN_CACHE", self.0.state().join("cache"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

#[test]
fn what_is_missing_is_built_once_and_found_from_then_on() {
    let machine = Machine::with_go("go1.26.8", "");
    let output = machine.run(&[]);
    assert!(output.status.success(), "{}", text(&output));
    let folders = machine.folders();
    assert_eq!(folders.len(), 3, "three versions, and nothing that is being built: {folders:?}");
    for (name, folder) in BUILT {
        let folder = folders.iter().find(|found| found.starts_with(folder)).unwrap();
        let program = machine.backends().join(folder).join(name);
        assert!(text(&output).contains(&format!("{name} is built")), "{}", text(&output));
        assert!(text(&output).contains(&program.display().to_string()), "{}", text(&output));
        assert!(Command::new(program).output().unwrap().status.success());
    }
    let asked = machine.asked();
    assert!(asked.contains("run go.opentelemetry.io/collector/cmd/builder@v0.158.0 "), "{asked}");
    assert!(asked.contains(" github.com/prometheus/prometheus/cmd/promtool\n"), "{asked}");
    let module = std::fs::read_to_string(machine.noted().with_extension("module")).unwrap();
    assert!(module.contains("require github.com/grafana/loki/v3 v3.7.8\n"), "{module}");
    assert!(module.contains("replace a.org/a => b.org/b v1.0.0\n"), "{module}");

    let again = machine.run(&[]);
    assert!(again.status.success() && text(&again).contains("loki is there: "), "{}", text(&again));
    assert_eq!(machine.asked(), asked, "Go was asked nothing more");
}

#[test]
fn a_list_says_what_is_there_and_builds_nothing() {
    let machine = Machine::with_go("go1.26.8", "");
    assert!(machine.run(&["--only", "loki,promtool"]).status.success());
    let asked = machine.asked();
    let list: Vec<Value> = serde_json::from_slice(&machine.run(&["--list", "--json"]).stdout).unwrap();
    let version = |name: &str| list.iter().find(|entry| entry["program"] == name).unwrap()["version"].as_str();
    assert_eq!((version("loki"), version("promtool")), (Some("3.7.8"), Some("3.14.0")));
    assert_eq!((version("otelcol"), version("prometheus"), version("tempo")), (None, None, None));
    let list = text(&machine.run(&["--list"]));
    let line = |name: &str| list.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{list}"));
    assert!(line("otelcol").ends_with("not there cargo stack install-backends"), "{list}");
    assert!(line("tempo").ends_with("not there TEMPO_BIN or PATH"), "{list}");
    assert!(line("loki").contains("cache/backends/loki-3.7.8/loki"), "{list}");
    assert_eq!(machine.asked(), asked);
}

#[test]
fn what_does_not_build_is_said_with_its_last_lines_and_leaves_the_others_alone() {
    let fail = r#"case $program in *prometheus) echo "disk is full" >&2; exit 1 ;; esac"#;
    let machine = Machine::with_go("go1.26.8", fail);
    let output = machine.run(&["--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let told: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let failed: Vec<&Value> = told.iter().filter(|entry| !entry["problem"].is_null()).collect();
    let [failed] = failed.as_slice() else { panic!("{told:?}") };
    assert_eq!((&failed["program"], &failed["path"]), (&"prometheus".into(), &Value::Null));
    let problem = failed["problem"].as_str().unwrap();
    assert!(problem.contains("disk is full") && problem.contains("prometheus.log"), "{problem}");
    let place = machine.backends().join("prometheus-3.14.0");
    assert!(place.join("promtool").is_file() && !place.join("prometheus").exists());
    assert!(!machine.folders().contains(&"building".to_owned()), "{:?}", machine.folders());
}

#[test]
fn without_go_or_with_an_old_one_the_advice_is_where_to_get_it() {
    let machine = Machine::with_go("go1.19.8", "");
    let old = machine.run(&[]);
    let missing = machine.command(&[]).env("PATH", "/nonexistent").output().unwrap();
    for output in [&old, &missing] {
        assert_eq!(output.status.code(), Some(2), "{}", text(output));
        assert!(text(output).contains("https://go.dev/dl"), "{}", text(output));
    }
    assert!(text(&old).contains("Go 1.19.8"), "{}", text(&old));
    assert!(text(&missing).contains("Go is not in PATH"), "{}", text(&missing));
    assert_eq!(machine.folders(), [] as [&str; 0]);
}

#[test]
fn a_go_that_is_new_enough_for_some_builds_those() {
    let machine = Machine::with_go("go1.25.9", "");
    let output = machine.run(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("prometheus is built"), "{}", text(&output));
    assert!(text(&output).contains("loki could not be built: Go 1.25.9"), "{}", text(&output));
    assert!(text(&output).contains("GOTOOLCHAIN=auto"), "{}", text(&output));
}

#[test]
fn of_two_at_once_the_second_waits_and_builds_nothing() {
    let machine = Machine::with_go("go1.26.8", UNTIL_RELEASED);
    let first = machine.command(&["--only", "loki"]).stdout(Stdio::piped()).spawn().unwrap();
    machine.await_build();
    let mut second = machine.command(&["--only", "loki"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(second.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.by_ref().find(|line| line.contains("building"));
    std::fs::write(machine.0.state().join("bin/released"), "").unwrap();
    assert!(said.as_ref().is_some_and(|said| said.contains("waiting for it")), "{said:?}");
    assert!(first.wait_with_output().unwrap().status.success());
    assert!(lines.any(|line| line.contains("loki is")));
    assert!(second.wait().unwrap().success());
    assert_eq!(machine.builds().len(), 1, "{:?}", machine.builds());
}

#[test]
fn an_interrupt_ends_the_build_and_leaves_nothing_half() {
    let machine = Machine::with_go("go1.26.8", UNTIL_RELEASED);
    let child = machine.command(&["--only", "loki"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let build = Identity::of(machine.await_build());
    Identity::of(child.id()).unwrap().signal(Signal::SIGINT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output));
    assert!(build.is_none_or(|build| build.await_end(LONG)), "the build goes on");
    assert_eq!(machine.folders(), [] as [&str; 0]);
}

#[test]
fn only_what_is_built_here_can_be_asked_for() {
    let machine = Machine::with_go("go1.26.8", "");
    for (name, said) in [("tempo", "TEMPO_BIN"), ("grafana", "otelcol, prometheus, promtool and loki")] {
        let output = machine.run(&["--only", name]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains(said), "{}", text(&output));
    }
}
