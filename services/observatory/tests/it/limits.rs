//! Peers that say nothing, stop in the middle, or send more at once than there is room for.

use std::io::Write;
use std::time::{Duration, Instant};

use observatory::ingest::{MAX_IN_FLIGHT_BYTES, MAX_REQUEST_BYTES};
use observatory::{Config, Waits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::observatory::{Observatory, PATIENCE, observatory_with};
use crate::requests::{request, span};

/// Short enough for a test to wait for.
const SHORT: Duration = Duration::from_millis(50);
/// Where chance decided, each of so many would be lucky once in 65,000 runs.
const CONNECTIONS: usize = 16;
/// How often a machine may be too slow to accept them.
const ATTEMPTS: usize = 100;
const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nHost: observatory\r\nConnection: close\r\n\r\n";
/// Never reached.
const LONG: Duration = Duration::from_secs(3600);

const PATIENT: Waits = Waits { head: LONG, body: LONG, room: LONG, ping: LONG, stop: LONG };

async fn with(waits: Waits) -> Observatory {
    observatory_with(Config { waits, ..Config::on_free_ports() }).await
}

/// Sends these bytes and nothing more, and gives what comes until the connection is closed.
async fn answer(address: std::net::SocketAddr, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    rest(stream).await
}

/// What comes until the connection is closed.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is closed with bytes unread may end with a reset.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(content_length: usize) -> String {
    format!(
        "POST /v1/traces HTTP/1.1\r\nHost: observatory\r\nContent-Type: application/x-protobuf\r\n\
         Content-Length: {content_length}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_connection_on_which_no_request_comes_is_closed_on_every_port() {
    let observatory = with(Waits { head: SHORT, ..PATIENT }).await;
    let server = &observatory.server;
    for address in [server.http_addr(), server.otlp_grpc_addr(), server.otlp_http_addr()] {
        // Nothing; what may become either version of HTTP; half a head; the preface of HTTP/2 alone.
        for sent in ["", "P", "GET / HTTP/1.1\r\nHost: obs", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
            answer(address, sent.as_bytes()).await;
        }
    }
}

/// A runtime that nobody drives stands still, with all that it serves.
fn machine() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_request_that_comes_while_everything_stands_still_is_answered() {
    let (machine, other) = (machine(), machine());
    let observatory = machine.block_on(with(Waits { head: SHORT, ..PATIENT }));
    let slower = other.block_on(with(Waits { head: SHORT, ..PATIENT }));
    let address = observatory.server.http_addr();
    let accepted = || {
        let begun = Instant::now();
        let streams = [(); CONNECTIONS].map(|()| std::net::TcpStream::connect(address).unwrap());
        // Those that came before it are accepted when it is answered.
        machine.block_on(answer(address, HEALTH));
        // Otherwise their time may be up already.
        (begun.elapsed() < SHORT).then_some(streams)
    };
    let streams = (0..ATTEMPTS).find_map(|_| accepted()).expect("some are accepted in time");
    for mut stream in &streams {
        stream.write_all(HEALTH).unwrap();
    }
    // As long as it takes the other one to close a connection that was made after these.
    other.block_on(answer(slower.server.http_addr(), b""));
    for stream in streams {
        stream.set_nonblocking(true).unwrap();
        let answer = machine.block_on(async { rest(TcpStream::from_std(stream).unwrap()).await });
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_is_closed_when_the_next_head_does_not_come() {
    let observatory = with(Waits { head: SHORT, ..PATIENT }).await;
    let sent = "GET /health HTTP/1.1\r\nHost: observatory\r\n\r\nGET /hea";
    let answer = answer(observatory.server.http_addr(), sent.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_timeout() {
    let observatory = with(Waits { body: SHORT, ..PATIENT }).await;
    let sent = format!("{}half", head(100));
    let answer = answer(observatory.server.otlp_http_addr(), sent.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(observatory.server.store().counters().refused_requests, 1);
}

/// Sends all but the last byte of a request of the largest size and waits for an answer all the same.
async fn stalled(address: std::net::SocketAddr) -> String {
    let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
    let sending = async {
        let _ = writing.write_all(head(MAX_REQUEST_BYTES).as_bytes()).await;
        let _ = writing.write_all(&vec![0; MAX_REQUEST_BYTES - 1]).await;
        std::future::pending::<()>().await
    };
    let mut answer = vec![0; 1024];
    tokio::select! {
        read = reading.read(&mut answer) => answer.truncate(read.unwrap_or(0)),
        () = sending => {}
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn requests_that_there_is_no_room_for_are_told_to_come_back_and_room_is_given_back() {
    let observatory = with(Waits { room: SHORT, ..PATIENT }).await;
    let address = observatory.server.otlp_http_addr();
    let mut requests = JoinSet::new();
    for _ in 0..=MAX_IN_FLIGHT_BYTES / MAX_REQUEST_BYTES {
        requests.spawn(stalled(address));
    }
    let answer = timeout(PATIENCE, requests.join_next()).await.expect("one is refused").unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.to_lowercase().contains("retry-after: 1"), "{answer}");

    requests.shutdown().await;
    let sent = prost::Message::encode_to_vec(&request("s", vec![span(1, 1, 0)]));
    let taken = async {
        loop {
            let request = observatory.otlp().header("content-type", "application/x-protobuf").body(sent.clone());
            if request.send().await.unwrap().status() == 200 {
                return;
            }
        }
    };
    timeout(PATIENCE, taken).await.expect("there is room again");
}

#[tokio::test]
async fn a_stop_cuts_off_who_does_not_send_on_at_every_port() {
    let observatory = with(Waits { stop: SHORT, ..PATIENT }).await;
    let server = observatory.server;
    let mut peers = Vec::new();
    for address in [server.http_addr(), server.otlp_grpc_addr(), server.otlp_http_addr()] {
        let mut peer = TcpStream::connect(address).await.unwrap();
        peer.write_all(format!("{}half", head(100)).as_bytes()).await.unwrap();
        peers.push(peer);
    }
    timeout(PATIENCE, server.stop()).await.expect("it stops");
    for mut peer in peers {
        let _ = timeout(PATIENCE, peer.read_to_end(&mut Vec::new())).await.expect("the connection is closed");
    }
}
