//! Asking a process over HTTP whether it is ready.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A local process answers at once or is not ready.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// A status line and a short reason.
const ANSWER_BYTES: u64 = 8 * 1024;

/// Whether `GET path` at the address is answered with 200. The error says what came instead, in a line.
pub fn http_answers(address: SocketAddr, path: &str) -> Result<(), String> {
    let answer = get(address, path).map_err(|error| format!("no answer yet ({error})"))?;
    let status = answer.split_ascii_whitespace().nth(1).unwrap_or("no status");
    if status == "200" {
        return Ok(());
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let start: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    Err(format!("answers {status} {start}"))
}

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    // HTTP/1.0: the answer is not chunked and the connection ends with it. In one piece: who answers early may not wait for
    // a second one.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn only_200_is_ready_and_anything_else_is_quoted() {
        assert_eq!(http_answers(answering("HTTP/1.1 200 OK\r\n\r\nok"), "/readyz"), Ok(()));
        let refused =
            http_answers(answering("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"detail\": \"no database\"}"), "/readyz");
        assert_eq!(refused, Err("answers 503 {\"detail\": \"no database\"}".into()));
    }
}
