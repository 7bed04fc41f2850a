//! The files are what their programs take: in every combination, and without a word of warning.

use std::path::PathBuf;
use std::process::Command;

use native::backends::{Extra, Ports, Program, Settings, collector_arguments, write_files};
use tempfile::TempDir;

use crate::set::{Set, Wanted};

/// `otelcol validate` with every subset of the further files.
pub async fn the_collector_takes_every_combination_of_its_files() {
    let (settings, _directory) = settings();
    let folder = write_files(&settings).expect("the files can be written").join("otel-collector");
    let program = Program::Collector.find().expect("it is here");
    for extras in combinations() {
        let arguments = collector_arguments(&folder, &extras);
        let output = Command::new(&program).arg("validate").args(arguments).output().expect("it runs");
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        assert!(output.status.success() && printed.is_empty(), "{extras:?}: {printed}");
    }
}

/// `validate` says nothing of names that are going out of use; the start does.
pub async fn the_collector_starts_without_a_warning() {
    for extras in [Vec::new(), Extra::ALL.into()] {
        let set = Set::start(&Wanted { extras, ..Wanted::default() }).await;
        let log = set.collector_log();
        let level = |line: &str| line.split('\t').nth(1).map(str::to_owned);
        assert!(log.lines().any(|line| level(line).as_deref() == Some("info")), "the log is not what it was: {log}");
        let loud = |line: &&str| !matches!(level(line).as_deref(), Some("debug" | "info"));
        let loud: Vec<_> = log.lines().filter(loud).collect();
        assert!(loud.is_empty(), "{:?}: {loud:#?}", set.settings.extras);
    }
}

/// `promtool check config`, which also reads the files of rules that the configuration names.
pub async fn promtool_takes_prometheus_configuration() {
    let (settings, _directory) = settings();
    let file = write_files(&settings).expect("the files can be written").join("prometheus/prometheus.yaml");
    promtool(&["check", "config"], &file);
    let original = native::state::checkout().join("prometheus/prometheus.yaml");
    promtool(&["check", "config"], &original);
}

/// `promtool check rules` for every file of rules.
pub async fn promtool_takes_every_file_of_rules() {
    files("prometheus/rules").iter().for_each(|file| promtool(&["check", "rules"], file));
}

/// `promtool test rules`: each alert in a run in which it fires and in one in which it does not.
pub async fn every_alert_fires_when_it_should_and_only_then() {
    files("prometheus/tests").iter().for_each(|file| promtool(&["test", "rules"], file));
}

/// The files of a folder of the checkout; there are some.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = native::state::checkout().join(folder);
    let entries = std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let files: Vec<_> = entries.collect();
    assert!(!files.is_empty());
    files
}

fn promtool(arguments: &[&str], file: &std::path::Path) {
    let program = Program::Promtool.find().expect("it is here");
    let output = Command::new(program).args(arguments).arg(file).output().expect("it runs");
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&printed));
}

fn settings() -> (Settings, TempDir) {
    let directory = tempfile::tempdir().expect("a folder");
    (Settings::new(directory.path(), Ports::free().expect("free ports")), directory)
}

/// Every subset.
fn combinations() -> impl Iterator<Item = Vec<Extra>> {
    (0..1_u32 << Extra::ALL.len()).map(|bits| {
        let chosen = Extra::ALL.into_iter().enumerate().filter(move |(index, _)| bits >> index & 1 == 1);
        chosen.map(|(_, extra)| extra).collect()
    })
}
