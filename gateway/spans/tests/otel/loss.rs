//! The module does not try again: what is made while the Collector is away is lost, and requests do not notice.

use crate::behind::Behind;
use crate::client;
use crate::nginx::{Gateway, free_address};
use crate::stub::{Reply, Stub};
use crate::wait;
use native::nginx::GatewayConfig;
use std::collections::BTreeSet;
use testkit::Receiver;

crate::expectations! {
    while_the_collector_is_away_requests_go_on_and_their_spans_are_lost,
}

/// How many requests come before the Collector does.
const AWAY: usize = 40;

/// Asks, and says which trace it was.
fn ask(gateway: &Gateway) -> Vec<u8> {
    let answer = client::get(gateway.address, "/api/v1/users");
    assert_eq!(answer.status, 200);
    u128::from_str_radix(answer.trace_id(), 16).unwrap().to_be_bytes().to_vec()
}

/// How often it was told that an export failed. No request is in what is told.
fn told(gateway: &Gateway) -> usize {
    let said = std::fs::read_to_string(gateway.directory().join("nginx.stderr")).unwrap();
    assert!(!said.contains("/api/v1"), "{said}");
    said.lines().filter(|line| line.contains("OTel export failure")).count()
}

pub fn while_the_collector_is_away_requests_go_on_and_their_spans_are_lost() {
    let stub = Stub::start(|_| Reply::ok("{}"));
    let address = free_address();
    let one_worker = |config: &mut GatewayConfig| config.workers = Some(1);
    let gateway = Gateway::start_before(stub.address, one_worker, |config| Behind::sending_to(config, address));
    let away: BTreeSet<Vec<u8>> = (0..AWAY).map(|_| ask(&gateway)).collect();
    // A batch that failed may have been on its way before the last of them; the one after that was not.
    for _ in 0..2 {
        let before = told(&gateway);
        ask(&gateway);
        wait::until("the loss is told", || (told(&gateway) > before).then_some(()));
    }
    let receiver = Receiver::start_at(address);
    let mut later = BTreeSet::new();
    let came: BTreeSet<Vec<u8>> = wait::until("spans come again", || {
        later.insert(ask(&gateway));
        let came: BTreeSet<Vec<u8>> = receiver.spans().into_iter().map(|span| span.trace_id).collect();
        (!came.is_empty()).then_some(came)
    });
    let lost = away.difference(&came).count();
    println!(
        "the spans of {lost} requests were lost in the outage, and of {} after it",
        later.difference(&came).count()
    );
    assert_eq!(lost, AWAY);
    assert!(came.is_subset(&later));
}
