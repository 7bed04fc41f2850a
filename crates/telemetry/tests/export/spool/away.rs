//! A receiver that is away and comes back.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::stub::nobody;
use testkit::{Receiver, Reply};

use super::{AWAY_SECONDS, arrived, busy, delivered, emptied, segments, spool_of, spooling, wait_for};
use crate::ledger::Ledger;
use crate::log::Log;
use crate::pipeline::{PROTOCOLS, span_with, spans};

/// It is asked again after a pause of the sender's own choice.
fn overloaded() -> Reply {
    Reply::Status(503, vec![])
}

#[test]
fn all_that_was_made_meanwhile_arrives_in_order_when_it_is_back() {
    let after = vec![("retry-after", AWAY_SECONDS.to_owned())];
    let pushback = vec![("grpc-retry-pushback-ms", format!("{AWAY_SECONDS}000"))];
    for (protocol, away) in [(PROTOCOLS[0], Reply::Status(503, after)), (PROTOCOLS[1], Reply::Grpc(14, pushback))] {
        let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
        receiver.answer_always(away);
        let telemetry = spooling(&receiver, directory.path(), &[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]);
        // All are there when the first of them is answered for.
        receiver.hold();
        let names = spans(&telemetry, 100);
        receiver.release();
        telemetry.flush().expect("none is lost");
        let ledger = Ledger::of(&telemetry);
        assert_eq!((ledger.spooled(), ledger.waiting, ledger.exported), (100, 0, 0), "{ledger:?}");
        assert_eq!(segments(directory.path()).len(), 1);
        receiver.answer_always(Reply::Taken);
        receiver.wait_until_taken(10);
        emptied(&telemetry);
        let said = Log::of(|| telemetry.shutdown().expect("none is lost"));
        assert_eq!(arrived(&receiver), names, "{protocol}: each once, and in order");
        let spool = spool_of(&telemetry);
        assert_eq!((spool.delivered, spool.records, spool.bytes), (100, 0, 0), "{protocol}: {spool:?}");
        assert_eq!(segments(directory.path()).len(), 0, "what was delivered is deleted");
        let [line] = &said[..] else { panic!("one line: {said:#?}") };
        assert!(line.contains("every span was delivered ended=100 exported=0 spooled=100"), "{line}");
    }
}

#[test]
fn a_batch_whose_place_others_need_goes_to_the_disk_after_one_try() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_next([overloaded()]);
    receiver.hold();
    let settings = [("OTEL_BSP_MAX_QUEUE_SIZE", "20"), ("OTEL_BSP_EXPORT_TIMEOUT", "30000")];
    let telemetry = spooling(&receiver, directory.path(), &settings);
    let names: BTreeSet<_> = spans(&telemetry, 20).into_iter().collect();
    receiver.release();
    telemetry.flush().expect("none is lost");
    wait_for(|| arrived(&receiver).into_iter().collect::<BTreeSet<_>>() == names);
    let ledger = Ledger::of(&telemetry);
    // What the second one does is for the moment to say.
    assert!(ledger.spooled() >= 10, "it was tried again in its place: {ledger:?}");
}

#[test]
fn nobody_at_the_address_is_a_receiver_that_is_away() {
    // A port that nobody else is given while nobody listens there.
    let address = nobody().trim_start_matches("http://").parse().expect("an address");
    let (receiver, directory) = (Receiver::start_at(address), tempfile::tempdir().expect("a folder"));
    let telemetry = spooling(&receiver, directory.path(), &[]);
    drop(receiver);
    let names: BTreeSet<_> = spans(&telemetry, 50).into_iter().collect();
    telemetry.flush().expect("none is lost");
    assert_eq!(spool_of(&telemetry).written, 50);
    let receiver = Receiver::start_at(address);
    receiver.wait_until_taken(5);
    let arrived = arrived(&receiver);
    assert_eq!((arrived.len(), arrived.into_iter().collect()), (50, names), "each once");
}

#[test]
fn a_receiver_that_gave_no_answer_is_asked_again_and_may_get_a_batch_twice() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Silence);
    let telemetry = spooling(&receiver, directory.path(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "300")]);
    let names: BTreeSet<_> = spans(&telemetry, 30).into_iter().collect();
    telemetry.flush().expect("none is lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.spooled(), ledger.all_failed()), (30, 0), "{ledger:?}");
    receiver.answer_always(Reply::Taken);
    // One that is answered too late once more comes once more.
    wait_for(|| arrived(&receiver).into_iter().collect::<BTreeSet<_>>() == names);
}

#[test]
fn new_spans_do_not_wait_for_those_on_the_disk() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(overloaded());
    let telemetry = spooling(&receiver, directory.path(), &[]);
    spans(&telemetry, 20);
    let _ = telemetry.shutdown();
    receiver.answer_always(Reply::Taken);
    receiver.hold();
    let telemetry = spooling(&receiver, directory.path(), &[]);
    receiver.wait_until_held(1);
    spans(&telemetry, 10);
    // The disk's first batch is not answered for yet.
    receiver.wait_until_held(2);
    receiver.release();
    receiver.wait_until_taken(3);
    delivered(&telemetry, 20);
    telemetry.shutdown().expect("none is lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.exported, ledger.spooled(), ledger.started), (10, 0, 10), "{ledger:?}");
    let spool = ledger.spool.expect("there is one");
    assert_eq!((spool.found, spool.delivered, spool.written), (20, 20, 0), "those of others are counted apart");
}

#[test]
fn while_it_is_away_batches_go_to_the_disk_without_being_tried() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(busy());
    let telemetry = spooling(&receiver, directory.path(), &[]);
    spans(&telemetry, 200);
    telemetry.flush().expect("none is lost");
    assert_eq!((spool_of(&telemetry).written, receiver.requests().len()), (200, 1));
}

#[test]
fn who_finds_out_whether_it_is_back_does_not_keep_others_from_the_disk() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(overloaded());
    let an_hour = ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000");
    let telemetry = spooling(&receiver, directory.path(), &[an_hour]);
    spans(&telemetry, 10);
    telemetry.flush().expect("none is lost");
    receiver.hold();
    // The disk's batch, and then a new one, beside which there is no place for another.
    receiver.wait_until_held(1);
    spans(&telemetry, 10);
    receiver.wait_until_held(2);
    spans(&telemetry, 20);
    wait_for(|| spool_of(&telemetry).written == 30);
    receiver.release();
}

#[test]
fn what_takes_several_files_arrives_in_order_as_well() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(busy());
    let telemetry = spooling(&receiver, directory.path(), &[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")]);
    let two_megabytes = "x".repeat(2 << 20);
    let names: Vec<_> = (0..7).map(|number| format!("span {number}")).collect();
    for name in &names {
        span_with(&telemetry, name, || telemetry::set_attribute("large", two_megabytes.clone()));
    }
    telemetry.shutdown().expect("none is lost");
    assert_eq!(segments(directory.path()).len(), 4, "two in each, and the last");
    receiver.answer_always(Reply::Taken);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    assert_eq!(emptied(&telemetry).delivered, 7);
    assert_eq!(arrived(&receiver), names);
}

#[test]
fn while_it_comes_and_goes_every_span_is_accounted_for_and_arrives() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    let telemetry = spooling(&receiver, directory.path(), &[("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "4")]);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut looks = 0_u64;
            while !over.load(Ordering::Relaxed) {
                // Each look checks the equations.
                Ledger::of(&telemetry);
                looks += 1;
            }
            looks
        });
        for round in 0..8 {
            receiver.answer_always(if round % 2 == 0 { busy() } else { Reply::Taken });
            (0..500).for_each(|n| span_with(&telemetry, format!("{round} {n}"), || ()));
            telemetry.flush().expect("none is lost");
        }
        over.store(true, Ordering::Relaxed);
        assert!(looks.join().expect("the ledger is exact at each look") > 0);
    });
    telemetry.shutdown().expect("none is lost");
    // Whatever is left is what the next one sends.
    let left = spool_of(&telemetry);
    let telemetry = spooling(&receiver, directory.path(), &[]);
    receiver.wait_until_taken(400);
    delivered(&telemetry, left.records);
    telemetry.shutdown().expect("none is lost");
    let (found, names) = (spool_of(&telemetry).found, receiver.span_names());
    // The end does not wait for the one batch of the disk that is sent: the next one may send it again.
    assert!(found == left.records && [4_000, 4_010].contains(&names.len()), "{found} {} {left:?}", names.len());
    assert_eq!(names.into_iter().collect::<BTreeSet<_>>().len(), 4_000, "none is missing");
}

#[test]
fn what_it_refuses_for_good_does_not_go_to_the_disk_and_does_not_stay_there() {
    let (receiver, directory) = (Receiver::start(), tempfile::tempdir().expect("a folder"));
    receiver.answer_always(Reply::Status(400, vec![]));
    let telemetry = spooling(&receiver, directory.path(), &[]);
    spans(&telemetry, 10);
    telemetry.flush().expect_err("they are lost");
    let ledger = Ledger::of(&telemetry);
    assert_eq!((ledger.spooled(), ledger.failed.get("400")), (0, Some(&10)), "{ledger:?}");
    receiver.answer_always(overloaded());
    spans(&telemetry, 20);
    let _ = telemetry.flush();
    assert_eq!(spool_of(&telemetry).records, 20);
    receiver.answer_always(Reply::Taken);
    receiver.answer_next([Reply::Status(400, vec![]), Reply::Partial(3, "no")]);
    receiver.wait_until_taken(1);
    let spool = emptied(&telemetry);
    assert_eq!((spool.delivered, spool.records), (7, 0), "{spool:?}");
    assert_eq!((spool.lost["400"], spool.lost["rejected"]), (10, 3));
}
