//! A service that is not there, says nothing, breaks off or talks nonsense.

use crate::client::{self, Answer};
use crate::nginx::{Gateway, free_address};
use crate::stub::{Reply, Stub};
use crate::wait;
use native::nginx::GatewayConfig;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

crate::expectations! {
    a_refused_connection_is_503_because_nothing_was_done,
    a_connection_that_is_not_accepted_is_503_because_nothing_was_done,
    silence_is_504_because_the_outcome_is_unknown,
    an_answer_that_breaks_off_or_is_nonsense_is_502,
    a_kept_connection_that_breaks_off_does_not_make_it_ask_twice,
    a_service_that_comes_back_is_used_at_once,
}

/// Short, since the test waits for it; what is tested is that it is heeded. Where something else is to happen first, it has
/// the gateway's usual limits, which a machine that stands still for a moment does not reach.
const PATIENCE: Duration = Duration::from_millis(300);

fn ask(upstream: SocketAddr, change: impl Fn(&mut GatewayConfig)) -> (Gateway, Answer) {
    let gateway = Gateway::start(upstream, change);
    let answer = client::post(gateway.address, "/api/v1/process", "{}");
    (gateway, answer)
}

fn assert_problem(gateway: &Gateway, answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?} {:?}", gateway.log(1));
    let problem = answer.json();
    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(status.into()), Some(code)));
    assert_eq!(problem["retryable"], status == 503);
    assert_eq!(problem["instance"], "/api/v1/process");
    assert_eq!(problem["trace_id"], answer.trace_id());
    assert_eq!(answer.all("Retry-After"), if status == 503 { vec!["1"] } else { vec![] });
    let line = gateway.log(1).remove(0);
    assert_eq!(line["trace_id"], answer.trace_id());
    assert_eq!(line["status"], status.to_string());
    assert_eq!((line["route"].as_str(), line["method"].as_str()), (Some("/api/v1/process"), Some("POST")));
    gateway.assert_opens(answer.trace_id());
}

/// The service may note a request only after the gateway has given it up.
fn assert_asked_once(stub: &Stub) {
    wait::until("the service is asked", || (!stub.requests().is_empty()).then_some(()));
    assert_eq!(stub.requests().len(), 1, "nothing is asked twice");
}

pub fn a_refused_connection_is_503_because_nothing_was_done() {
    let (gateway, answer) = ask(free_address(), |_| {});
    assert_problem(&gateway, &answer, 503, "dependency-unavailable");
}

pub fn a_connection_that_is_not_accepted_is_503_because_nothing_was_done() {
    // A full queue of connections: the kernel answers no further one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _runtime = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let queued: Vec<_> = (0..8).map_while(|_| std::net::TcpStream::connect_timeout(&address, PATIENCE).ok()).collect();
    assert!(queued.len() < 8, "the queue is full");
    let (gateway, answer) = ask(address, |config| config.connect_timeout = PATIENCE);
    assert_problem(&gateway, &answer, 503, "dependency-unavailable");
}

pub fn silence_is_504_because_the_outcome_is_unknown() {
    let stub = Stub::start(|_| Reply::Silence);
    let (gateway, answer) = ask(stub.address, |config| config.read_timeout = PATIENCE);
    assert_problem(&gateway, &answer, 504, "outcome-unknown");
    assert_asked_once(&stub);
}

pub fn an_answer_that_breaks_off_or_is_nonsense_is_502() {
    for bytes in ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\n\u{0}: x\r\n\r\n"] {
        let stub = Stub::start(move |_| Reply::Raw(bytes));
        let (gateway, answer) = ask(stub.address, |_| {});
        assert_problem(&gateway, &answer, 502, "bad-upstream-response");
        assert_asked_once(&stub);
    }
}

/// nginx would ask again over a fresh connection, because the one it had kept may have been closing.
pub fn a_kept_connection_that_breaks_off_does_not_make_it_ask_twice() {
    let asked = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::ok("{}"),
        _ => Reply::Raw(""),
    });
    let gateway = Gateway::before(stub.address);
    let first = "GET /api/v1/users HTTP/1.1\r\nHost: x\r\n\r\n";
    let second = first.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client::send(gateway.address, format!("{first}{second}").as_bytes());
    assert_eq!(
        gateway.log(2).iter().map(|line| line["status"].as_str()).collect::<Vec<_>>(),
        [Some("200"), Some("502")]
    );
    assert_eq!(stub.requests().len(), 2);
}

pub fn a_service_that_comes_back_is_used_at_once() {
    let address = free_address();
    let gateway = Gateway::before(address);
    for _ in 0..3 {
        assert_eq!(client::get(gateway.address, "/api/v1/users").status, 503);
    }
    let _stub = Stub::start_at(address, |_| Reply::ok("{}"));
    assert_eq!(client::get(gateway.address, "/api/v1/users").status, 200);
}
