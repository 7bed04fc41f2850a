//! A running observatory and what is asked of it.

use std::time::Duration;

use observatory::{Config, Server, start};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use otlp::{TraceId, TraceTree};
use prost::Message;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// Long enough for the slowest machine; reached only when a test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Observatory {
    pub server: Server,
    client: Client,
}

pub async fn observatory() -> Observatory {
    observatory_with(Config::on_free_ports()).await
}

pub async fn observatory_with(config: Config) -> Observatory {
    Observatory { server: start(config).await.unwrap(), client: Client::new() }
}

impl Observatory {
    pub fn otlp(&self) -> RequestBuilder {
        self.client.post(format!("http://{}/v1/traces", self.server.otlp_http_addr()))
    }

    /// Sends a request in protobuf and expects it to be taken.
    pub async fn send(&self, request: &ExportTraceServiceRequest) {
        let request = self.otlp().header("content-type", "application/x-protobuf").body(request.encode_to_vec());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.server.http_addr()))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(reqwest::Method::GET, path).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// The ids in a list, shortened to their last byte.
    pub async fn listed(&self, query: &str) -> Vec<u8> {
        let list = self.json(&format!("/api/traces{query}")).await;
        let ids = list["traces"].as_array().unwrap().iter();
        ids.map(|row| row["traceId"].as_str().unwrap().parse::<TraceId>().unwrap().0[15]).collect()
    }

    pub async fn wait_for(&self, trace_id: TraceId, done: impl FnMut(&TraceTree) -> bool) -> TraceTree {
        self.server.store().wait_for(trace_id, done, PATIENCE).await.unwrap()
    }
}

/// Checks a problem's status, type and code, and gives its detail.
pub async fn problem(response: Response, status: u16, code: &str) -> String {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(status.into()), Some(code)));
    problem["detail"].as_str().unwrap().to_owned()
}
