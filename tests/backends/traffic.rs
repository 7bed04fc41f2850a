//! Requests of known kinds, and what is to become of each.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::outlines::{FAILS_ON_PURPOSE, UNKNOWN_USER, WHOLE};

/// The gateway knows no such path: no service hears of it.
const NO_ROUTE: &str = "
    api-gateway server GET
";

/// A request that was answered.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The trace that the answer names.
    pub trace_id: String,
    /// What it has to look like.
    pub outline: &'static str,
    /// The answer's status.
    pub status: u16,
}

/// How many requests of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole chains.
    pub whole: usize,
    /// Requests that fail on purpose.
    pub failing: usize,
    /// Requests of users whom nobody knows.
    pub unknown_user: usize,
    /// Requests of paths that do not exist.
    pub no_route: usize,
}

impl Counts {
    /// All requests.
    pub fn all(self) -> usize {
        self.whole + self.failing + self.unknown_user + self.no_route
    }

    /// Requests that reach user-service.
    pub fn to_user(self) -> usize {
        self.whole + self.failing + self.unknown_user
    }

    /// How often this kind of traffic, sent so many times, is each of its counts.
    pub fn times(self, times: usize) -> Self {
        Self {
            whole: self.whole * times,
            failing: self.failing * times,
            unknown_user: self.unknown_user * times,
            no_route: self.no_route * times,
        }
    }
}

/// Sends them one after the other, and checks each answer.
pub async fn send(gateway: &impl AsRef<Client>, counts: Counts) -> Vec<Sent> {
    let gateway = gateway.as_ref();
    let process = async |body: Value| gateway.post("/api/v1/process", &body).await;
    let mut sent = Vec::new();
    for _ in 0..counts.whole {
        sent.push(told(process(json!({"user_id": 1001, "action": "test_trace"})).await, 200, WHOLE));
    }
    for _ in 0..counts.failing {
        sent.push(told(gateway.get("/api/v1/error").await, 500, FAILS_ON_PURPOSE));
    }
    for _ in 0..counts.unknown_user {
        let unknown = json!({"user_id": 5, "action": "purchase"});
        sent.push(told(process(unknown).await, 404, UNKNOWN_USER));
    }
    for _ in 0..counts.no_route {
        sent.push(told(Answer::of(gateway.request(Method::GET, "/nowhere")).await, 404, NO_ROUTE));
    }
    sent
}

fn told(answer: Answer, status: u16, outline: &'static str) -> Sent {
    assert_eq!(answer.status, status, "{}", answer.text);
    let trace_id = answer.header("x-trace-id").to_owned();
    assert_eq!(trace_id.len(), 32, "the answer names its trace: {:?}", answer.headers);
    Sent { trace_id, outline, status }
}
