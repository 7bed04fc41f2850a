//! Requests, and answers that are looked at.

use std::net::SocketAddr;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// The trace of requests whose answers do not name one: W3C Trace Context's own example.
pub const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Sends requests to one address.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Client {
    /// For this address.
    pub fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { base: format!("http://{address}"), client }
    }

    /// A request that a test can add to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body, as a part of the trace [`TRACE`].
    pub async fn post_in_trace(&self, path: &str, body: &Value) -> Answer {
        let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
        Answer::of(self.request(Method::POST, path).header("traceparent", parent).json(body)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }
}

/// For what a chain can be given to as well.
impl AsRef<Self> for Client {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Answer {
    /// Sends a request and reads its answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, body }
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The trace that the body, or the gateway's header, names.
    pub fn trace_id(&self) -> &str {
        let named = self.body["trace_id"].as_str().unwrap_or_else(|| self.header("x-trace-id"));
        assert_eq!(named.len(), 32, "no trace id in {} {}", self.status, self.text);
        named
    }

    /// Checks that this is a problem with this status and code, as RFC 9457 and the error contract want it.
    pub fn expect_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!(self.body["code"], code, "{}", self.text);
        assert_eq!(self.body["status"], status, "{}", self.text);
        assert_eq!(self.body["retryable"], status == 503 || status == 429, "{}", self.text);
        assert_eq!(self.header("retry-after").is_empty(), self.body["retryable"] == false, "{:?}", self.headers);
        for member in ["type", "title", "detail", "instance", "service"] {
            assert!(self.body[member].is_string(), "no {member} in {}", self.text);
        }
        self
    }

    /// The JSON pointers of everything that a problem names as wrong.
    pub fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
    }
}
