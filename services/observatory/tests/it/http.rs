//! OTLP/HTTP: formats, compression, refusals.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use observatory::store::Counters;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use prost::Message;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::observatory::{Observatory, observatory, problem};
use crate::requests::{request, span, trace};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

async fn post(observatory: &Observatory, content_type: &str, encoding: &str, body: Vec<u8>) -> Response {
    let request = observatory.otlp().header("content-type", content_type).header("content-encoding", encoding);
    request.body(body).send().await.unwrap()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn to_json(request: &ExportTraceServiceRequest) -> Vec<u8> {
    otlp::json::from_protobuf(&request.encode_to_vec()).unwrap().into_bytes()
}

/// A `google.rpc.Status` in protobuf.
#[derive(PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

#[tokio::test]
async fn protobuf_and_json_plain_and_compressed_are_taken_alike() {
    let observatory = observatory().await;
    for (number, content_type, encoding) in [
        (1, PROTOBUF, "identity"),
        (2, PROTOBUF, "gzip"),
        (3, JSON, ""),
        (4, "application/json; charset=utf-8", "gzip"),
    ] {
        let sent = request("user-service", vec![span(number, 1, 0), span(number, 2, 1)]);
        let plain = if content_type == PROTOBUF { sent.encode_to_vec() } else { to_json(&sent) };
        let body = if encoding == "gzip" { gzip(&plain) } else { plain };
        let response = post(&observatory, content_type, encoding, body).await;
        assert_eq!(response.status(), StatusCode::OK);
        let format = if content_type == PROTOBUF { PROTOBUF } else { JSON };
        assert_eq!(response.headers()["content-type"], format);
        assert_eq!(response.bytes().await.unwrap(), if format == JSON { "{}" } else { "" });
        let stored = observatory.server.store().trace(trace(number)).unwrap();
        assert_eq!(ExportTraceServiceRequest::decode(&stored.to_protobuf()[..]).unwrap(), sent);
    }
}

#[tokio::test]
async fn large_requests_are_taken() {
    let observatory = observatory().await;
    let mut big = span(1, 1, 0);
    big.name = "n".repeat(1 << 20);
    let sent = request("s", vec![big]);
    observatory.send(&sent).await;
    let stored = observatory.server.store().trace(trace(1)).unwrap();
    assert_eq!(ExportTraceServiceRequest::decode(&stored.to_protobuf()[..]).unwrap(), sent);
}

#[tokio::test]
async fn invalid_spans_are_counted_out_and_the_others_taken() {
    let observatory = observatory().await;
    let mut zero_trace = span(1, 2, 0);
    zero_trace.trace_id = vec![0; 16];
    let mut short_parent = span(1, 3, 0);
    short_parent.parent_span_id = vec![1; 7];
    let sent = request("s", vec![zero_trace, span(1, 1, 0), short_parent]);

    let response = post(&observatory, PROTOBUF, "", sent.encode_to_vec()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let answer = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap();
    let message = "2 spans cannot be placed in a trace; the first: trace_id must be 16 bytes that are not all zero";
    assert_eq!((partial.rejected_spans, partial.error_message.as_str()), (2, message));

    let response = post(&observatory, JSON, "", to_json(&sent)).await;
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer, json!({"partialSuccess": {"rejectedSpans": "2", "errorMessage": message}}));

    let counters = observatory.server.store().counters();
    assert_eq!((counters.spans, counters.received, counters.rejected, counters.duplicates), (1, 6, 4, 1));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_its_own_format_and_changes_nothing() {
    let observatory = observatory().await;
    // The first span is fine: nothing of a request is stored before all of it is read.
    let mut torn = request("s", vec![span(1, 1, 0)]).encode_to_vec();
    torn.extend([0x0a, 200]);
    let response = post(&observatory, PROTOBUF, "", torn.clone()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["content-type"], PROTOBUF);
    let status = Status::decode(response.bytes().await.unwrap()).unwrap();
    let message = "ExportTraceServiceRequest.resource_spans: the bytes end inside of it";
    assert_eq!((status.code, status.message.as_str()), (3, message));

    let mut sent: Value = serde_json::from_slice(&to_json(&request("s", vec![span(1, 1, 0), span(1, 2, 1)]))).unwrap();
    sent["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["traceId"] = json!("xyz");
    let response = post(&observatory, JSON, "", sent.to_string().into_bytes()).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let status: Value = response.json().await.unwrap();
    assert_eq!(status["code"], 3);
    assert!(status["message"].as_str().unwrap().contains("spans[1].traceId"));

    for (content_type, encoding, body) in [
        (PROTOBUF, "gzip", torn),
        (JSON, "gzip", gzip(b"{")),
        (JSON, "", vec![]),
        (PROTOBUF, "gzip", gzip(&[1])[..12].to_vec()),
    ] {
        let response = post(&observatory, content_type, encoding, body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
    let expected = Counters { refused_requests: 6, ..Counters::default() };
    assert_eq!(observatory.server.store().counters(), expected);
}

#[tokio::test]
async fn other_types_and_compressions_are_refused_with_what_is_possible() {
    let observatory = observatory().await;
    let response = post(&observatory, "text/plain", "", vec![]).await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let status: Value = response.json().await.unwrap();
    assert!(status["message"].as_str().unwrap().contains("application/x-protobuf or application/json"));

    let response = post(&observatory, PROTOBUF, "br", vec![]).await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(response.headers()["accept-encoding"], "gzip");
    assert!(Status::decode(response.bytes().await.unwrap()).unwrap().message.contains("\"br\""));

    let response = observatory.otlp().send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(observatory.server.store().counters().refused_requests, 3);
}

#[tokio::test]
async fn too_large_a_body_is_refused_as_sent_and_as_decompressed() {
    let observatory = observatory().await;
    let zeros = vec![0; observatory::ingest::MAX_REQUEST_BYTES + 1];
    for (encoding, body) in [("gzip", gzip(&zeros)), ("", zeros)] {
        let response = post(&observatory, PROTOBUF, encoding, body).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{encoding}");
        assert_eq!(Status::decode(response.bytes().await.unwrap()).unwrap().code, 8);
    }
    assert_eq!(observatory.server.store().counters().refused_requests, 2);
}

#[tokio::test]
async fn other_paths_and_methods_are_problems() {
    let observatory = observatory().await;
    let address = observatory.server.otlp_http_addr();
    let response = reqwest::get(format!("http://{address}/v1/traces")).await.unwrap();
    assert_eq!(response.headers()["allow"], "POST");
    problem(response, 405, "method-not-allowed").await;
    problem(reqwest::get(format!("http://{address}/v1/logs")).await.unwrap(), 404, "unknown-route").await;
}

#[tokio::test]
async fn an_empty_request_is_taken() {
    let observatory = observatory().await;
    assert_eq!(post(&observatory, PROTOBUF, "", vec![]).await.status(), StatusCode::OK);
    assert_eq!(post(&observatory, JSON, "", b"{}".to_vec()).await.status(), StatusCode::OK);
    assert_eq!(observatory.server.store().counters(), Counters::default());
}
