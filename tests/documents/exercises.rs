//! docs/exercises.md: each exercise has all of its parts, its answer is the fault that its command sets, and the panels that
//! it sends its reader to are there. That its queries find the fault is tested with the real backends.

use std::collections::BTreeSet;
use std::fs;

use contracts::fault::Fault;
use serde_json::Value;

use crate::exercise_page::{Exercise, exercises, what_is_on};
use crate::markdown::path;

const DOCUMENT: &str = "docs/exercises.md";
const SET: &str = "cargo stack fault set ";

#[test]
fn every_exercise_sets_what_it_answers_and_clears_it() {
    let exercises = exercises();
    assert_eq!(exercises.len(), 5, "{DOCUMENT} promises five");
    for Exercise { title, set, clear, service, kind, metrics, traces, .. } in &exercises {
        let fault = set.strip_prefix(SET).unwrap_or_else(|| panic!("{title}: {set} sets nothing"));
        let (short, fault) = fault.split_once('.').expect("a service and its fault");
        let fault: Fault =
            fault.split(' ').next().unwrap_or_default().parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((format!("{short}-service"), fault.kind().name()), (service.clone(), kind.as_str()), "{title}");
        assert_eq!(*clear, format!("cargo stack fault clear {short}"), "{title}");
        assert!(!metrics.is_empty() && !traces.is_empty(), "{title} has no query");
    }
    let different: BTreeSet<_> = exercises.iter().map(|exercise| exercise.kind.clone()).collect();
    assert_eq!(different.len(), contracts::fault::Kind::ALL.len(), "one exercise for each kind");
}

#[test]
fn every_panel_that_an_exercise_names_is_in_its_dashboard() {
    let dashboards = dashboards();
    for Exercise { title, text, .. } in exercises() {
        // A line may end within a name.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let named: Vec<(&str, &str)> = text
            .match_indices("* of *")
            .map(|(at, between)| {
                let panel = text[..at].rsplit('*').next().unwrap_or_default();
                let dashboard = text[at + between.len()..].split('*').next().unwrap_or_default();
                (dashboard, panel)
            })
            .collect();
        assert!(!named.is_empty(), "{title} names no panel");
        for (dashboard, panel) in named {
            let there = dashboards.contains(&(dashboard.to_owned(), panel.to_owned()));
            assert!(there, "{title}: there is no panel {panel:?} in a dashboard {dashboard:?}");
        }
    }
}

#[test]
fn what_says_what_is_on_is_what_every_dashboard_marks() {
    let mark = format!("\"expr\": \"{}\"", what_is_on());
    for file in fs::read_dir(path("grafana/dashboards")).expect("the dashboards").flatten().map(|entry| entry.path()) {
        assert!(fs::read_to_string(&file).expect("a file").contains(&mark), "{} has no {mark}", file.display());
    }
}

/// The title of each dashboard with the title of each of its panels.
fn dashboards() -> BTreeSet<(String, String)> {
    let files = fs::read_dir(path("grafana/dashboards")).expect("the dashboards").flatten().map(|entry| entry.path());
    let mut titles = BTreeSet::new();
    for file in files {
        let dashboard: Value = serde_json::from_str(&fs::read_to_string(file).expect("a file")).expect("JSON");
        let of = |value: &Value| value["title"].as_str().unwrap_or_default().to_owned();
        let panels = dashboard["panels"].as_array().into_iter().flatten();
        let panels = panels.flat_map(|row| [row].into_iter().chain(row["panels"].as_array().into_iter().flatten()));
        titles.extend(panels.map(|panel| (of(&dashboard), of(panel))));
    }
    titles
}
