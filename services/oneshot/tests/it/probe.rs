//! Waiting for a URL.

use crate::program::run;
use std::io::{Read, Write};
use std::net::TcpListener;

#[test]
fn a_container_that_becomes_ready_later_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ready", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for answer in ["503 Service Unavailable", "200 OK"] {
            let mut stream = listener.accept().unwrap().0;
            let mut request = [0; 512];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /ready HTTP/1.0\r\n"));
            write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").unwrap();
        }
    });
    let probed = run(&["probe", &url, "--within", "30"]);
    server.join().unwrap();
    assert_eq!(probed.code, Some(0), "{}", probed.complained);
    assert!(probed.said.contains("/ready answers after"), "{}", probed.said);
}

#[test]
fn who_never_answers_is_named_with_what_came_instead() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let probed = run(&["probe", &format!("http://{address}/"), "--within", "0"]);
    assert_eq!(probed.code, Some(1));
    assert!(probed.complained.contains(&format!("{address}/, asked for 0 s: no answer yet")), "{}", probed.complained);
}
