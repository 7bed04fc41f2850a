//! README.md: its commands work against a chain, and its example is compiled.

use std::process::Command;

use serde_json::Value;

use crate::harness::Chain;
use crate::markdown::{blocks_in, read};

const DOCUMENT: &str = "README.md";
/// The gateway's address in the document.
const GATEWAY: &str = "http://127.0.0.1:8080";
/// Its documentation is a test: `cargo test --doc`.
const EXAMPLE: &str = "crates/telemetry/src/business.rs";
/// The plain request, the one with a profile, and the loop.
const REQUESTS: usize = 1 + 1 + 10;

#[tokio::test(flavor = "multi_thread")]
async fn the_requests_of_the_readme_succeed_and_each_has_a_whole_trace() {
    let chain = Chain::start().await;
    let address = format!("http://{}", chain.gateway.address);
    let scripts = blocks_in(&read(DOCUMENT), "bash");
    let scripts: Vec<_> = scripts.into_iter().filter(|script| script.contains("/api/v1/process")).collect();
    let script = scripts.concat().replace(GATEWAY, &address);
    let run = move || Command::new("bash").args(["-euo", "pipefail", "-c", &script]).output();
    let output = tokio::task::spawn_blocking(run).await.expect("no panic").expect("bash and curl are here");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    let answers: Vec<Value> =
        serde_json::Deserializer::from_str(&said).into_iter().collect::<Result<_, _>>().expect("JSON objects");
    assert_eq!(answers.len(), REQUESTS, "{said}");
    for answer in answers {
        let id = answer["trace_id"].as_str().unwrap_or_else(|| panic!("no trace: {answer}"));
        assert_eq!(answer["steps"].as_array().map(Vec::len), Some(3), "{answer}");
        chain.backend.trace(id, |tree| tree.is_whole() && tree.find("audit-service", "COMMIT").is_some()).await;
    }
}

#[test]
fn the_example_of_the_readme_is_in_a_test() {
    let tested: String = read(EXAMPLE).lines().filter_map(documentation).map(|line| format!("{line}\n")).collect();
    let examples = blocks_in(&read(DOCUMENT), "rust");
    assert!(!examples.is_empty(), "{DOCUMENT} shows how to add a span");
    for example in examples {
        assert!(tested.contains(&example), "{EXAMPLE} does not have\n{example}");
    }
}

/// A line of a file's own documentation, as it is compiled.
fn documentation(line: &str) -> Option<&str> {
    let line = line.strip_prefix("//!")?;
    Some(line.strip_prefix(' ').unwrap_or(line))
}
