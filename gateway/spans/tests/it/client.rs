//! A client that sends exactly the bytes it is given.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A read that takes longer fails the test.
const READ_LIMIT: Duration = Duration::from_secs(20);

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// Every value of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a header that stands there once.
    pub fn one(&self, name: &str) -> &str {
        let all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {:?}", self.headers);
        all[0]
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub fn trace_id(&self) -> &str {
        let id = self.one("X-Trace-Id");
        assert!(id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
        id
    }
}

/// Sends the bytes and reads to the end of the connection.
pub fn send(to: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(READ_LIMIT)).unwrap();
    // The gateway may refuse and close before everything was written.
    let _ = stream.write_all(request);
    read(&mut stream)
}

/// Reads one answer of a connection that the gateway closes after it.
pub fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => bytes.extend_from_slice(&buffer[..read]),
            // A machine that was halted for a moment interrupts reads that have a limit.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A refused body that was not read to its end makes it a reset.
            end => break end,
        }
    };
    assert!(!bytes.is_empty(), "no answer: {end:?}");
    parse(&String::from_utf8_lossy(&bytes))
}

/// A request without a body; `headers` are whole lines.
pub fn request(to: SocketAddr, line: &str, headers: &[&str]) -> Answer {
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    send(to, format!("{line} HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n{headers}\r\n").as_bytes())
}

/// `GET path`.
pub fn get(to: SocketAddr, path: &str) -> Answer {
    request(to, &format!("GET {path}"), &[])
}

/// `POST path` with a JSON body.
pub fn post(to: SocketAddr, path: &str, body: &str) -> Answer {
    let length = body.len();
    send(
        to,
        format!(
            "POST {path} HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .as_bytes(),
    )
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer in {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status.unwrap_or_else(|| panic!("no status in {text:?}")),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.to_owned(),
    }
}
