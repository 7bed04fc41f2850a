//! From a metric to its traces, from there to the logs, and back to metrics: every link of the dashboards leads somewhere.

use std::collections::BTreeSet;
use std::fs;

use reqwest::Url;
use serde_json::Value;

use crate::dashboards::{Query, files, list, of_target, text_of, variables};
use crate::prometheus::Labels;
use crate::runner::Outcome;
use crate::set::Set;
use crate::wait::until;
use crate::world;

/// How a label of the series that was clicked on is written in a link.
const LABEL: &str = "${__field.labels.";
/// What dashboards are asked for by links besides their variables.
const TIME_RANGE: &str = "${__url_time_range}";

/// Dashboards, variables and data sources that links name are there, and every panel asks a data source that is there.
pub async fn every_link_names_what_there_is() {
    let (dashboards, sources) = (files(), data_sources());
    let mut looked_at = 0;
    for (name, dashboard) in &dashboards {
        named_sources(dashboard, name, &sources);
        for panel in list(&dashboard["panels"]) {
            for url in links(panel) {
                let place = format!("{name}, {}: {url}", text_of(&panel["title"]));
                has_labels(panel, &url, &place);
                match url.strip_prefix("/d/") {
                    Some(rest) => a_dashboard(rest, &dashboards, &place),
                    None => assert!(sources.contains(&pane(&url)["datasource"].to_string()), "{place}"),
                }
                looked_at += 1;
            }
        }
        for link in list(&dashboard["links"]) {
            assert_eq!(link["type"], "dashboards", "{name}");
            let with_tag = dashboards.iter().filter(|(_, other)| other["tags"] == link["tags"]).count();
            assert_eq!(with_tag, dashboards.len(), "{name}: {link}");
        }
    }
    // Round the circle: metrics, logs, and metrics again; what leads from a trace to both is in the data sources' file.
    for (from, to) in [("service-routes", "/d/logs?"), ("database", "/d/logs?"), ("logs", "/d/service-routes?")] {
        let (_, dashboard) = dashboards.iter().find(|(name, _)| name == from).expect("a dashboard");
        let leads = list(&dashboard["panels"]).flat_map(links).any(|url| url.starts_with(to));
        assert!(leads, "nothing on {from} leads to {to}");
    }
    println!("links: {looked_at} name what there is");
}

/// Each link of a series to its traces, with the labels of the series that the panel draws.
pub async fn every_link_from_a_series_finds_its_traces() -> Outcome {
    let world = world::everything_kept().await;
    let (mut found, mut understood) = (0, 0);
    for (name, dashboard) in files() {
        let variables = variables(&dashboard);
        for panel in list(&dashboard["panels"]) {
            let queries = list(&panel["targets"]).filter_map(|target| of_target(target, &variables));
            let expressions: Vec<_> = queries.filter_map(metrics).collect();
            let place = format!("{name}, {}", text_of(&panel["title"]));
            for url in links(panel).filter(|url| url.starts_with("/explore?")) {
                for expression in &expressions {
                    match until(&place, async || follow(&world.set, &url, expression).await).await {
                        true => found += 1,
                        false => understood += 1,
                    }
                }
            }
        }
    }
    assert!(found > understood, "{found} links find something, {understood} had nothing to find");
    println!("links: {found} from series to their traces find some, {understood} had nothing to find");
    Outcome::Passed
}

/// Whether the link finds traces of a series that is more than 0. Of what was 0 all the time there are none to be found; the
/// query has to be understood all the same.
async fn follow(set: &Set, url: &str, expression: &str) -> Result<bool, String> {
    let (mut tried, mut counted) = (Vec::new(), false);
    let samples = set.prometheus().query(expression).await?;
    if samples.is_empty() {
        return Err(format!("{expression} gives nothing"));
    }
    for sample in samples {
        let Some(filled) = filled(url, &sample.labels) else { continue };
        let query = text_of(&pane(&filled)["queries"][0]["query"]);
        if !set.tempo().search(&query).await?.is_empty() {
            return Ok(true);
        }
        counted |= sample.value > 0.0;
        tried.push(query);
    }
    if counted { Err(format!("{expression}: nothing is found by {tried:?}")) } else { Ok(false) }
}

/// What a link says of the series that was clicked on is what every query of the panel keeps of its series.
fn has_labels(panel: &Value, url: &str, place: &str) {
    for label in url.split(LABEL).skip(1).filter_map(|rest| rest.split('}').next()) {
        for target in list(&panel["targets"]) {
            let kept =
                |part: &str| part.split(')').next().unwrap_or_default().split([',', ' ']).any(|word| word == label);
            let expression = text_of(&target["expr"]);
            assert!(expression.split("by (").skip(1).any(kept), "{expression} drops {label}: {place}");
        }
    }
}

fn metrics(query: Query) -> Option<String> {
    if let Query::Metrics(expression) = query { Some(expression) } else { None }
}

/// The addresses of a panel's links: those of its title, and those of its series.
fn links(panel: &Value) -> impl Iterator<Item = String> {
    let of_series = list(&panel["fieldConfig"]["defaults"]["links"]);
    list(&panel["links"]).chain(of_series).map(|link| text_of(&link["url"]))
}

/// `logs?var-service=...&${__url_time_range}`: such a dashboard has such variables.
fn a_dashboard(link: &str, dashboards: &[(String, Value)], place: &str) {
    let (uid, query) = link.split_once('?').expect(place);
    let (_, dashboard) = dashboards.iter().find(|(_, dashboard)| dashboard["uid"] == uid).expect(place);
    let parts: Vec<_> = query.split('&').collect();
    assert!(parts.contains(&TIME_RANGE), "the time is lost: {place}");
    for part in parts.iter().filter(|part| **part != TIME_RANGE) {
        // `var-service=` and a value, or the choice of this dashboard as it stands.
        let given = part.strip_prefix("var-").and_then(|part| part.split('=').next());
        let taken_over = part.strip_prefix("${").and_then(|part| part.strip_suffix(":queryparam}"));
        let name = given.or(taken_over).expect(place);
        let known = list(&dashboard["templating"]["list"]).any(|variable| variable["name"] == name);
        assert!(known, "{uid} has no variable {name}: {place}");
    }
}

/// What a link to Explore opens.
fn pane(url: &str) -> Value {
    let url = Url::parse("http://grafana/").and_then(|grafana| grafana.join(url)).expect("an address");
    let (_, panes) = url.query_pairs().find(|(name, _)| name == "panes").unwrap_or_else(|| panic!("no panes: {url}"));
    let panes: Value = serde_json::from_str(&panes).unwrap_or_else(|error| panic!("{error}: {panes}"));
    panes.as_object().and_then(|panes| panes.values().next()).cloned().expect("a pane")
}

/// The link with a series' labels in it, encoded as Grafana does (`encodeURI`); `None` when it lacks one.
fn filled(url: &str, labels: &Labels) -> Option<String> {
    let mut filled = url.to_owned();
    while let Some((before, rest)) = filled.split_once(LABEL) {
        let (label, after) = rest.split_once('}')?;
        let value = labels.get(label).filter(|value| !value.is_empty())?;
        let value = value.replace('%', "%25").replace(' ', "%20").replace('{', "%7B").replace('}', "%7D");
        filled = format!("{before}{value}{after}");
    }
    Some(filled)
}

/// Every data source that anything on a dashboard names.
fn named_sources(value: &Value, place: &str, sources: &BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(uid) = members.get("datasource").and_then(|source| source.get("uid")) {
                assert!(sources.contains(&uid.to_string()) || uid == "-- Grafana --", "{place}: {uid}");
            }
            members.values().for_each(|member| named_sources(member, place, sources));
        }
        Value::Array(items) => items.iter().for_each(|item| named_sources(item, place, sources)),
        _ => {}
    }
}

/// The uids of the data sources, each as JSON.
fn data_sources() -> BTreeSet<String> {
    let file = native::state::checkout().join("grafana/provisioning/datasources/datasources.yaml");
    let text = fs::read_to_string(file).expect("a file");
    let uids = text.lines().filter_map(|line| line.strip_prefix("    uid: "));
    uids.map(|uid| Value::from(uid).to_string()).collect()
}
