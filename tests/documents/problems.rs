//! docs/PROBLEMS.md has every code of the services and of the gateway, and no others.

use std::collections::BTreeSet;

use chassis::problem::Kind;

use crate::markdown::{names, read, rows};

const DOCUMENT: &str = "docs/PROBLEMS.md";

#[test]
fn every_code_is_documented_with_its_status() {
    assert_eq!(documented("services"), of_services(), "{DOCUMENT} on the left, chassis on the right");
    assert_eq!(documented("gateway"), of_gateway(), "{DOCUMENT} on the left, problems.conf on the right");
}

/// Codes with their status.
type Codes = BTreeSet<(String, String)>;

fn documented(by: &str) -> Codes {
    let rows = rows(&read(DOCUMENT), "## Codes").into_iter();
    rows.filter(|row| row[2].contains(by)).map(|row| (names(&row[0]).concat(), row[1].clone())).collect()
}

fn of_services() -> Codes {
    Kind::ALL.iter().map(|kind| (kind.code().to_owned(), kind.status().as_u16().to_string())).collect()
}

fn of_gateway() -> Codes {
    let configuration = read("gateway/nginx/problems.conf");
    // `404 '"type":"/problems/not-found",...,"code":"not-found","retryable":false';`
    let code = |line: &str| {
        let status = line.trim().split(' ').next()?.to_owned();
        let code = line.split("\"code\":\"").nth(1)?.split('"').next()?.to_owned();
        (status != "default").then_some((code, status))
    };
    let codes: Codes = configuration.lines().filter_map(code).collect();
    assert!(codes.len() > 10, "the configuration cannot be read: {codes:?}");
    codes
}
