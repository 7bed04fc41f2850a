//! Which answers are an end, and after which a batch is sent again.

use testkit::{Receiver, Reply};

use crate::ledger::Ledger;
use crate::pipeline::{pipeline, spans};

/// Sends three spans to a receiver that answers its first requests like this.
fn sent(protocol: &str, replies: impl IntoIterator<Item = Reply>) -> (Receiver, Ledger) {
    let receiver = Receiver::start();
    receiver.answer_next(replies);
    let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]);
    let names = spans(&telemetry, 3);
    let flushed = telemetry.flush();
    let ledger = Ledger::of(&telemetry);
    assert_eq!(flushed.is_ok(), ledger.failed.is_empty(), "{flushed:?} {ledger:?}");
    if flushed.is_ok() {
        assert_eq!(receiver.span_names(), names, "each once");
    }
    (receiver, ledger)
}

fn status(status: u16, retry_after: Option<&str>) -> Reply {
    Reply::Status(status, retry_after.map(|after| ("retry-after", after.to_owned())).into_iter().collect())
}

#[test]
fn a_receiver_that_is_busy_is_asked_again_when_it_says() {
    let asked_again = |busy: u16| {
        let (receiver, ledger) = sent("http/protobuf", [status(busy, Some("1"))]);
        assert_eq!(ledger, Ledger::over(3, &[]), "{busy}");
        let requests = receiver.requests();
        assert_eq!(requests.len(), 2, "{busy}");
        assert_eq!(requests[0].message, requests[1].message, "the same batch");
    };
    // Each takes its second.
    std::thread::scope(|scope| {
        for busy in [429, 502, 503, 504] {
            scope.spawn(move || asked_again(busy));
        }
    });
}

#[test]
fn a_receiver_that_says_at_once_is_asked_again_after_pauses() {
    for at_once in ["0", "Wed, 21 Oct 2015 07:28:00 GMT"] {
        let receiver = Receiver::start();
        receiver.answer_always(status(503, Some(at_once)));
        let telemetry = pipeline(&receiver.endpoint(), &[("OTEL_BSP_EXPORT_TIMEOUT", "1000")]);
        spans(&telemetry, 3);
        telemetry.flush().expect_err("it stays busy");
        assert_eq!(Ledger::of(&telemetry), Ledger::over(3, &[("503", 3)]));
        // The second after a quarter of a second at the earliest, the third after three quarters.
        let requests = receiver.requests().len();
        assert!(requests <= 3, "{requests} requests in a second");
    }
}

#[test]
fn a_receiver_that_does_not_say_when_is_asked_again_after_a_pause() {
    let (receiver, ledger) = sent("http/protobuf", [status(503, None)]);
    assert_eq!((receiver.requests().len(), ledger), (2, Ledger::over(3, &[])));
}

#[test]
fn a_wish_that_is_longer_than_a_batchs_time_is_an_end() {
    let (receiver, ledger) = sent("http/protobuf", [status(503, Some("86400"))]);
    assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[("503", 3)])));
}

#[test]
fn a_refusal_is_an_end_and_counted_by_its_status() {
    for refusal in [400_u16, 401, 404, 413, 500, 501] {
        let (receiver, ledger) = sent("http/protobuf", [status(refusal, Some("0"))]);
        let refusal = refusal.to_string();
        assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[(&refusal, 3)])));
    }
}

#[test]
fn a_refusal_counts_by_its_status_however_long_its_page_is() {
    let page = vec![b'x'; 300_000];
    let (receiver, ledger) = sent("http/protobuf", [Reply::Page(404, page.clone())]);
    assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[("404", 3)])));
    let (receiver, ledger) = sent("http/protobuf", [Reply::Page(200, page)]);
    assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[("bad_answer", 3)])));
}

#[test]
fn a_page_that_welcomes_everybody_is_no_receiver() {
    let (receiver, ledger) = sent("http/protobuf", [Reply::Body("text/html", b"<html>welcome</html>".to_vec())]);
    assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[("bad_answer", 3)])));
}

#[test]
fn over_grpc_what_may_pass_is_tried_again() {
    // UNAVAILABLE, ABORTED, and an exhausted receiver that says when, as servers say it: in a RetryInfo.
    let details = ("grpc-status-details-bin", RETRY_AT_ONCE.to_owned());
    for reply in [Reply::Grpc(14, vec![]), Reply::Grpc(10, vec![]), Reply::Grpc(8, vec![details])] {
        let (receiver, ledger) = sent("grpc", [reply.clone()]);
        assert_eq!((receiver.requests().len(), ledger), (2, Ledger::over(3, &[])), "{reply:?}");
    }
}

/// A `google.rpc.Status` of RESOURCE_EXHAUSTED with one detail, a `google.rpc.RetryInfo` whose delay is 1 ms; base64
/// without padding, as gRPC has it.
const RETRY_AT_ONCE: &str = "CAgaMgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIGCgQQwIQ9";

#[test]
fn over_grpc_a_refusal_is_an_end_and_counted_by_its_name() {
    let names = [(3, "INVALID_ARGUMENT"), (7, "PERMISSION_DENIED"), (8, "RESOURCE_EXHAUSTED"), (12, "UNIMPLEMENTED")];
    for (code, name) in names {
        let (receiver, ledger) = sent("grpc", [Reply::Grpc(code, vec![])]);
        assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[(name, 3)])));
    }
}

#[test]
fn what_a_receiver_rejects_of_a_batch_is_counted_and_the_rest_is_exported() {
    for protocol in crate::pipeline::PROTOCOLS {
        let (receiver, ledger) = sent(protocol, [Reply::Partial(2, "no parent")]);
        assert_eq!((receiver.requests().len(), ledger), (1, Ledger::over(3, &[("rejected", 2)])), "{protocol}");
        // More than there were, and fewer than none: what cannot be is not counted.
        let (_, ledger) = sent(protocol, [Reply::Partial(1_000, "all and more")]);
        assert_eq!(ledger, Ledger::over(3, &[("rejected", 3)]), "{protocol}");
        let (_, ledger) = sent(protocol, [Reply::Partial(0, "a warning")]);
        assert_eq!(ledger, Ledger::over(3, &[]), "{protocol}");
    }
}
