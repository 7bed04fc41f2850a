//! A closed loop of requests to the gateway, and one of them.

use super::super::message::{Extent, status};
use crate::failure::Failure;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// An answer that takes longer is no answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// More than the gateway's answers have.
const READ_BYTES: usize = 4096;

/// Sends `path` over as many connections for so long, each request after the answer to the one before; says how many
/// were answered. nginx ends a connection after 1,000 requests, which makes a new one.
pub fn send(to: SocketAddr, path: &str, connections: usize, time: Duration) -> Result<u64, Failure> {
    let end = Instant::now() + time;
    std::thread::scope(|scope| {
        let one = || {
            let (mut stream, mut answered) = (None, 0);
            while Instant::now() < end {
                let open = match stream.take() {
                    Some(open) => open,
                    None => connect(to)?,
                };
                let (answer, open) = exchange(open, to, path)?;
                expect_success(&answer)?;
                stream = open;
                answered += 1;
            }
            Ok(answered)
        };
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        let panicked = |_| Failure::failed("the load generator panicked");
        threads.into_iter().map(|thread| thread.join().map_err(panicked)?).sum()
    })
}

/// The body of one answer.
pub fn get(to: SocketAddr, path: &str) -> Result<Vec<u8>, Failure> {
    let (answer, _) = exchange(connect(to)?, to, path)?;
    expect_success(&answer)?;
    let extent = Extent::of(&answer).map_err(Failure::failed)?;
    Ok(extent.and_then(|extent| answer.get(extent.head..)).unwrap_or_default().to_vec())
}

fn connect(to: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    Ok(stream)
}

/// The answer, and the connection unless it ends with it.
fn exchange(mut stream: TcpStream, to: SocketAddr, path: &str) -> Result<(Vec<u8>, Option<TcpStream>), Failure> {
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {to}\r\nUser-Agent: cargo-stack-bench\r\n\r\n").as_bytes())?;
    let (mut answer, mut piece) = (Vec::new(), [0; READ_BYTES]);
    loop {
        if let Some(extent) = Extent::of(&answer).map_err(Failure::failed)?
            && answer.len() >= extent.total()
        {
            let head = answer.get(..extent.head).map(|head| String::from_utf8_lossy(head).to_lowercase());
            let ends = head.is_some_and(|head| head.contains("\r\nconnection: close\r\n"));
            return Ok((answer, (!ends).then_some(stream)));
        }
        match stream.read(&mut piece)? {
            0 => return Err(Failure::failed("the gateway closed its connection within an answer")),
            read => answer.extend_from_slice(piece.get(..read).unwrap_or_default()),
        }
    }
}

fn expect_success(answer: &[u8]) -> Result<(), Failure> {
    match status(answer) {
        Some(200..=299) => Ok(()),
        _ => Err(Failure::failed(format!("an answer that is no success: {}", String::from_utf8_lossy(answer)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    /// Answers two requests a connection, and says with the second that it ends.
    fn serve(listener: &TcpListener) -> u64 {
        let mut answered = 0;
        for stream in listener.incoming().map_while(Result::ok).take(2) {
            let mut requests = 0;
            for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
                if line.is_empty() {
                    requests += 1;
                    let last = if requests == 2 { "Connection: close\r\n" } else { "" };
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{last}\r\nok");
                    (&stream).write_all(answer.as_bytes()).unwrap();
                    answered += 1;
                    if requests == 2 {
                        break;
                    }
                }
            }
        }
        answered
    }

    #[test]
    fn a_connection_that_ends_is_made_anew() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || serve(&listener));
        let mut open = Some(connect(to).unwrap());
        for _ in 0..4 {
            let (answer, rest) = exchange(open.take().unwrap_or_else(|| connect(to).unwrap()), to, "/x").unwrap();
            assert!(answer.ends_with(b"ok"));
            open = rest;
        }
        assert_eq!(server.join().unwrap(), 4);
    }
}
