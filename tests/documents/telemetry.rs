//! docs/TELEMETRY.md has every span, attribute and event of a real chain, and no others.

use std::collections::BTreeSet;

use otlp::SpanKind;
use otlp::tree::{Node, Value};

use crate::exercise;
use crate::markdown::{blocks_in, names, read, rows};

const DOCUMENT: &str = "docs/TELEMETRY.md";
const GATEWAY: &str = "api-gateway";

#[tokio::test(flavor = "multi_thread")]
async fn every_span_attribute_and_event_is_documented_and_comes_up() {
    let document = read(DOCUMENT);
    let seen = exercise::everything().await;
    let nodes: Vec<&Node> = seen.traces.iter().flat_map(|tree| &tree.nodes).collect();

    let documented: BTreeSet<_> =
        rows(&document, "## Spans").iter().map(|row| (row[1].clone(), row[2].clone(), one_name(&row[0]))).collect();
    let named = nodes.iter().filter(|node| has_a_name_of_its_own(node));
    same(documented, named.map(|node| (node.service.clone(), kind(node).to_owned(), node.name.clone())).collect());

    let documented = rows(&document, "## Attributes").into_iter().filter(|row| row.len() == 4);
    let documented = documented.flat_map(|row| {
        let on: Vec<_> = row[2].split(", ").map(str::to_owned).collect();
        on.into_iter().map(move |on| (one_name(&row[0]), row[1].clone(), on))
    });
    let attributes = |node: &Node| {
        let on = place(node);
        node.attributes
            .iter()
            .map(|(key, value)| (key.clone(), kind_of(value).to_owned(), on.clone()))
            .collect::<Vec<_>>()
    };
    same(documented.collect(), nodes.iter().flat_map(|node| attributes(node)).collect());

    let documented: BTreeSet<_> = rows(&document, "## Events")
        .iter()
        .map(|row| (one_name(&row[0]), row[1].clone(), names(&row[2]).into_iter().collect::<BTreeSet<_>>()))
        .collect();
    let events = |node: &Node| {
        let keys = |event: &otlp::tree::Event| event.attributes.iter().map(|(key, _)| key.clone()).collect();
        node.events.iter().map(|event| (event.name.clone(), place(node), keys(event))).collect::<Vec<_>>()
    };
    same(documented, nodes.iter().flat_map(|node| events(node)).collect());

    let documented = rows(&document, "## Resource").into_iter().flat_map(|row| {
        let from: Vec<_> = row[1].split(", ").map(str::to_owned).collect();
        from.into_iter().map(move |from| (from, one_name(&row[0])))
    });
    let resource = |node: &Node| {
        let from = if node.service == GATEWAY { "gateway" } else { "services" };
        node.resource.iter().map(|(key, _)| (from.to_owned(), key.clone())).collect::<Vec<_>>()
    };
    same(documented.collect(), nodes.iter().flat_map(|node| resource(node)).collect());

    let outlines = blocks_in(&document, "text");
    let first = outlines.first().expect("a trace");
    assert!(seen.traces.iter().any(|tree| tree.outline() == *first), "no trace looks like\n{first}");
}

fn same<T: Ord + std::fmt::Debug>(documented: BTreeSet<T>, real: BTreeSet<T>) {
    let missing: Vec<_> = real.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&real).collect();
    assert!(missing.is_empty() && gone.is_empty(), "{DOCUMENT} does not have {missing:#?}; nothing has {gone:#?}");
}

fn one_name(cell: &str) -> String {
    names(cell).into_iter().next().expect(cell)
}

/// Spans without a route, or with a method that nobody knows, are named by rules that stand below the table.
fn has_a_name_of_its_own(node: &Node) -> bool {
    let ruled = node.attribute("http.request.method_original").is_some()
        || (node.kind == SpanKind::Server && node.attribute("http.route").is_none());
    !ruled
}

/// How the column "on" calls this span.
fn place(node: &Node) -> String {
    let whose = if node.service == GATEWAY { "gateway" } else { "service" };
    match node.kind {
        SpanKind::Internal => node.name.clone(),
        SpanKind::Client if node.attribute("db.system.name").is_some() => "SQL".to_owned(),
        _ => format!("{whose} {}", kind(node)),
    }
}

fn kind(node: &Node) -> &'static str {
    match node.kind {
        SpanKind::Server => "SERVER",
        SpanKind::Client => "CLIENT",
        SpanKind::Internal => "INTERNAL",
        other => panic!("{}: no program makes a span of the kind {other:?}", node.name),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Double(_) => "double",
        other => panic!("no program has an attribute like {other:?}"),
    }
}
