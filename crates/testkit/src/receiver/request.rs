//! A request as it came, and what is in it.

use std::io::Read;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Version};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// Bytes that gRPC puts in front of a message: whether it is compressed, and its length.
const GRPC_FRAME_BYTES: usize = 5;

/// A request that a receiver got.
#[derive(Clone, Debug)]
pub struct Request {
    /// HTTP/1.1 or HTTP/2.
    pub version: Version,
    /// Such as `/v1/traces`.
    pub path: String,
    /// Its headers, or gRPC metadata.
    pub headers: HeaderMap,
    /// Whether the body came compressed.
    pub compressed: bool,
    /// The message, without compression and frame.
    pub message: Vec<u8>,
    /// Certificates that the client has shown.
    pub client_certificates: usize,
    /// Whether it was answered with success.
    pub taken: bool,
}

impl Request {
    pub(super) fn new(head: &Parts, body: &Bytes, client_certificates: usize, taken: bool) -> Self {
        let grpc = is_grpc(head);
        let (compressed, content) = if grpc {
            let (frame, content) = body.split_at_checked(GRPC_FRAME_BYTES).expect("a gRPC frame");
            let length = u32::from_be_bytes(frame[1..].try_into().expect("four bytes"));
            assert_eq!(length as usize, content.len(), "the frame says how long the message is");
            (frame[0] == 1, content)
        } else {
            (head.headers.get("content-encoding").is_some_and(|value| value == "gzip"), &body[..])
        };
        let mut message = Vec::new();
        if compressed {
            flate2::read::GzDecoder::new(content).read_to_end(&mut message).expect("gzip");
        } else {
            message.extend_from_slice(content);
        }
        let (version, path, headers) = (head.version, head.uri.path().to_owned(), head.headers.clone());
        Self { version, path, headers, compressed, message, client_certificates, taken }
    }

    /// The message as a request of traces.
    pub fn traces(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(&self.message[..]).expect("an export request of traces")
    }

    /// All spans in it; none when it is of another signal.
    pub fn spans(&self) -> Vec<Span> {
        if !(self.path.ends_with("/v1/traces") || self.path.ends_with("TraceService/Export")) {
            return Vec::new();
        }
        let resources = self.traces().resource_spans.into_iter();
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

pub(super) fn is_grpc(head: &Parts) -> bool {
    head.headers.get("content-type").is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
