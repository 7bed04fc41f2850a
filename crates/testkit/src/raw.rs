//! Requests byte by byte, for what an honest client does not send.

use std::net::SocketAddr;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Answer;

/// Sends these bytes, and reads one answer with a Content-Length. The connection stays open meanwhile.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = send(address, request).await;
    let mut bytes = Vec::new();
    loop {
        if let Some(answer) = parse(&bytes) {
            return answer;
        }
        let read = stream.read_buf(&mut bytes).await.expect("the connection lives");
        assert_ne!(read, 0, "closed after {:?}", String::from_utf8_lossy(&bytes));
    }
}

/// Sends these bytes, and gives back the connection: dropping it is a client that goes away.
pub async fn send(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("somebody listens");
    stream.write_all(request).await.expect("the request is sent");
    stream
}

/// A POST with a JSON body.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n");
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(':')) {
        headers.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?);
    }
    let length: usize = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let body = bytes.get(end + 4..end + 4 + length)?;
    let text = String::from_utf8_lossy(body).into_owned();
    Some(Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text })
}
