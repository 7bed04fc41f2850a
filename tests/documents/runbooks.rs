//! Each alert has a page and tests, each page and each file of tests has an alert, and they name each other.

use std::collections::BTreeSet;
use std::fs;

use crate::markdown::{blocks, path, read};

const ALERTS: &str = "prometheus/rules/alerts.yaml";

#[test]
fn every_alert_and_its_page_name_each_other() {
    let alerts = alerts();
    assert_eq!(stems("docs/runbooks", ".md"), alerts, "pages on the left, {ALERTS} on the right");
    let rules = read(ALERTS);
    for alert in alerts {
        let page = format!("docs/runbooks/{alert}.md");
        assert!(rules.contains(&format!("runbook_url: {page}\n")), "{alert} does not name its page");
        let text = read(&page);
        assert!(text.starts_with(&format!("# {alert}\n")), "{page} has another title");
        for part in ["**What it means.**", "## Look", "## Do", "## Over"] {
            assert!(text.contains(part), "{page} has no {part:?}");
        }
        let queries =
            blocks(&text).into_iter().filter(|block| ["promql", "traceql"].contains(&block.language.as_str()));
        assert!(queries.count() > 0, "{page} has no query");
    }
}

#[test]
fn every_alert_has_a_run_that_fires_it_and_one_that_does_not() {
    let alerts = alerts();
    assert_eq!(stems("prometheus/tests", ".yaml"), alerts, "tests on the left, {ALERTS} on the right");
    for alert in alerts {
        let text = read(&format!("prometheus/tests/{alert}.yaml"));
        let named = text.matches(&format!("alertname: {alert}\n")).count();
        let (fires, silent) = (text.matches("exp_annotations:").count(), text.matches("exp_alerts: []").count());
        assert!(fires > 0 && silent > 0 && named == fires + silent, "{alert}: {fires} fire, {silent} do not");
    }
}

fn alerts() -> BTreeSet<String> {
    let rules = read(ALERTS);
    let alerts = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let alerts: BTreeSet<_> = alerts.map(str::to_owned).collect();
    assert!(!alerts.is_empty());
    alerts
}

/// The names of a folder's files without their ending.
fn stems(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(path(folder)).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.map(|name| name.strip_suffix(ending).unwrap_or(&name).to_owned()).collect()
}
