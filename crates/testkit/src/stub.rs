//! A next service that answers as it is told, and remembers what it was asked.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Far longer than it takes, as a test's machine may be busy.
const ASKED_LIMIT: Duration = Duration::from_secs(60);

/// What a [`Stub`] does with a request.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers with the message's own parts, as the end of a chain does.
    Reply,
    /// Answers with a status and a body.
    Answer(u16, &'static str, String),
    /// Takes the request and never answers.
    Silence,
    /// Takes the request and closes the connection.
    Close,
}

/// A request that a [`Stub`] got.
#[derive(Clone, Debug)]
pub struct Received {
    /// The path with its query.
    pub path: String,
    /// Headers by their lower-case names, as often as they came.
    pub headers: Vec<(String, String)>,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

/// A service that listens on a free port.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    received: watch::Sender<Vec<Received>>,
    task: tokio::task::JoinHandle<()>,
}

impl Stub {
    /// Starts one.
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let received = watch::Sender::default();
        let all = received.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behaviour.clone(), all.clone()));
            }
        });
        Self { address, received, task }
    }

    /// What `NEXT_SERVICE_URL` has to be.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.borrow().clone()
    }

    /// Waits until it has been asked this often.
    pub async fn asked(&self, times: usize) -> Vec<Received> {
        let mut received = self.received.subscribe();
        let asked = tokio::time::timeout(ASKED_LIMIT, received.wait_for(|all| all.len() >= times)).await;
        asked.unwrap_or_else(|_| panic!("it was not asked {times} times")).expect("the stub lives").clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Received {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A URL where nobody listens.
pub fn nobody() -> String {
    format!("http://127.0.0.1:{}", native::ports::free().expect("a free port"))
}

async fn serve(mut stream: TcpStream, behaviour: Behaviour, all: watch::Sender<Vec<Received>>) {
    let Some(request) = read(&mut stream).await else { return };
    let message = request.body.clone();
    all.send_modify(|all| all.push(request));
    let (status, content_type, body) = match behaviour {
        Behaviour::Reply => (200, "application/json", reply(message).to_string()),
        Behaviour::Answer(status, content_type, body) => (status, content_type, body),
        Behaviour::Silence => std::future::pending().await,
        Behaviour::Close => return,
    };
    let head = format!(
        "HTTP/1.1 {status} Stub\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A client that has gone does not want the answer.
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

fn reply(mut message: Value) -> Value {
    if let Some(message) = message.as_object_mut() {
        message.remove("action");
        message.remove("items");
        message.insert("steps".to_owned(), Value::Array(Vec::new()));
    }
    message
}

/// One request with a Content-Length; `None` when the connection closes before it is whole.
async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let header = |line: &str| {
                line.split_once(':').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            };
            let headers: Vec<_> = head.lines().skip(1).filter_map(header).collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let bytes = bytes[end + 4..end + 4 + length].to_vec();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                return Some(Received {
                    path,
                    headers,
                    body: serde_json::from_slice(&bytes).unwrap_or_default(),
                    bytes,
                });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
