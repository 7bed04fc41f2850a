//! docs/adding-a-service.md is the service that the tests put into the chain, to the letter.

use std::collections::BTreeSet;

use crate::markdown::{blocks_in, read};

const DOCUMENT: &str = "docs/adding-a-service.md";
/// Started as the fourth service by the tests of the chain.
const SERVICE: &str = "crates/testkit/src/fraud_service.rs";
/// Compiled with these tests.
const MAIN: &str = "tests/documents/fraud_main.rs";
/// A manifest that cargo reads, of a service that stands where the page's stands.
const MANIFEST: &str = "services/audit/Cargo.toml";

#[test]
fn the_rust_of_the_page_is_the_fraud_service_whole_and_in_its_order() {
    let (service, main) = (read(SERVICE), read(MAIN));
    let (of_main, of_service): (Vec<_>, Vec<_>) =
        blocks_in(&read(DOCUMENT), "rust").into_iter().partition(|block| block.contains("fn main()"));
    assert_eq!(of_main.len(), 1, "the page has one main");
    assert!(of_main.iter().all(|block| main.contains(block)), "{MAIN} does not have\n{}", of_main.concat());
    let mut rest = service.as_str();
    for block in &of_service {
        let at = rest.find(block.as_str());
        let at = at.unwrap_or_else(|| panic!("{SERVICE} does not have, in this order:\n{block}"));
        assert!(rest[..at].trim().is_empty(), "the page leaves out\n{}", &rest[..at]);
        rest = &rest[at + block.len()..];
    }
    assert!(rest.trim().is_empty(), "the page leaves out\n{rest}");
}

#[test]
fn the_manifest_of_the_page_is_one_that_cargo_reads_and_has_what_the_service_uses() {
    let known = read(MANIFEST);
    let manifests = blocks_in(&read(DOCUMENT), "toml");
    let [manifest] = manifests.as_slice() else { panic!("the page has one manifest: {manifests:?}") };
    for line in manifest.lines().filter(|line| !line.starts_with("name = ") && !line.starts_with("description = ")) {
        assert!(known.lines().any(|known| known == line), "{MANIFEST} does not have {line:?}");
    }
    assert!(manifest.contains("name = \"fraud-service\""), "{manifest}");
    let given: BTreeSet<_> = manifest.lines().filter_map(|line| line.strip_suffix(".workspace = true")).collect();
    let service = read(SERVICE);
    let used = service.lines().filter_map(|line| line.strip_prefix("use ")?.split("::").next());
    let used = used.chain(["telemetry"]).map(|name| name.replace('_', "-"));
    let missing: Vec<_> = used.filter(|name| !given.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "the manifest does not have {missing:?}");
}
