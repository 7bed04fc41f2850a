//! The dashboards' queries, as Grafana would ask them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// Longer than any test: rates of what was sent at any time in it.
const RANGE: &str = "1h";
/// What Grafana fills in by itself.
const BUILT_IN: [(&str, &str); 5] = [
    ("__rate_interval", RANGE),
    ("__range", RANGE),
    ("__auto", RANGE),
    ("__interval", "15s"),
    ("__tags", "service_name=\"user-service\""),
];

/// A query of a panel, of a variable or of a link between data sources.
#[derive(Debug)]
pub enum Query {
    /// PromQL.
    Metrics(String),
    /// TraceQL.
    Traces(String),
    /// LogQL.
    Logs(String),
    /// The labels of a service graph.
    ServiceMap(String),
    /// A label's values: selector and label.
    Values(String, String),
}

/// Every dashboard, by its file's name.
pub fn files() -> Vec<(String, Value)> {
    let folder = native::state::checkout().join("grafana/dashboards");
    let files = fs::read_dir(folder).expect("there are dashboards").flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let dashboard = |file: PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("a file");
        (name, serde_json::from_str(&text).expect("JSON"))
    };
    files.map(dashboard).collect()
}

/// Every query, with where it is.
pub fn queries() -> Vec<(String, Query)> {
    let mut queries = Vec::new();
    for (name, dashboard) in files() {
        let variables = variables(&dashboard);
        for variable in list(&dashboard["templating"]["list"]) {
            queries
                .extend(of_variable(variable).map(|query| (format!("{name}: ${}", text_of(&variable["name"])), query)));
        }
        panels(&dashboard, &name, &variables, &mut queries);
    }
    queries
}

/// The queries that open metrics from a span, as they stand in the data sources' file, where `$$` is a `$`.
pub fn links() -> Vec<(String, Query)> {
    let file = native::state::checkout().join("grafana/provisioning/datasources/datasources.yaml");
    let text = fs::read_to_string(file).expect("a file");
    let query = |line: &str| {
        let query = line.trim().strip_prefix("query: ")?.replace("$$", "$");
        // Loki's stands in quotes.
        (!query.starts_with('\'')).then(|| ("data sources".to_owned(), Query::Metrics(filled(&query, &[]))))
    };
    text.lines().filter_map(query).collect()
}

/// Rows have panels, and so do rows that are folded.
fn panels(parent: &Value, place: &str, variables: &[(String, String)], queries: &mut Vec<(String, Query)>) {
    for panel in list(&parent["panels"]) {
        let place = format!("{place}: {}", text_of(&panel["title"]));
        for target in list(&panel["targets"]) {
            let query = of_target(target, variables);
            let query = query.unwrap_or_else(|| panic!("{place}: a query of a kind that is not known: {target}"));
            queries.push((place.clone(), query));
        }
        panels(panel, &place, variables, queries);
    }
}

/// What a panel's target asks, its variables filled in; `None` when it is of a kind that is not known.
pub fn of_target(target: &Value, variables: &[(String, String)]) -> Option<Query> {
    let filled = |name: &str| target[name].as_str().map(|text| filled(text, variables));
    let traces = || filled("query").filter(|_| text_of(&target["queryType"]).starts_with("traceql")).map(Query::Traces);
    let of_kind = if target["datasource"]["type"] == "loki" { Query::Logs } else { Query::Metrics };
    filled("expr").map(of_kind).or_else(|| filled("serviceMapQuery").map(Query::ServiceMap)).or_else(traces)
}

fn of_variable(variable: &Value) -> Option<Query> {
    let query = variable["query"]["query"].as_str()?.strip_prefix("label_values(")?.strip_suffix(')')?;
    let (selector, label) = query.rsplit_once(',')?;
    Some(Query::Values(selector.trim().to_owned(), label.trim().to_owned()))
}

/// Each variable with the value that it has when nobody chooses.
pub fn variables(dashboard: &Value) -> Vec<(String, String)> {
    let value = |variable: &Value| {
        let chosen = &variable["current"]["value"];
        let chosen = chosen.as_array().and_then(|values| values.first()).unwrap_or(chosen);
        let value = if chosen == "$__all" { &variable["allValue"] } else { chosen };
        (text_of(&variable["name"]), text_of(value))
    };
    let mut variables: Vec<_> = list(&dashboard["templating"]["list"]).map(value).collect();
    // The longest first: `$service` must not fill the beginning of `$service_name`.
    variables.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    variables
}

fn filled(text: &str, variables: &[(String, String)]) -> String {
    let built_in = BUILT_IN.iter().map(|(name, value)| (*name, *value));
    let all = built_in.chain(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let filled = all.fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    });
    assert!(!filled.contains('$'), "a variable that is not known: {filled}");
    filled
}

/// The items of an array; none of anything else.
pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text; the empty one for anything else.
pub fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
