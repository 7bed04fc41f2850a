//! What a receiver answers, as HTTP and as gRPC.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message;

/// An answer's body.
pub(super) type Body = BoxBody<Bytes, std::io::Error>;

/// How a request came, and an answer that takes it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// OTLP/HTTP; the answer is not compressed.
    Http,
    /// OTLP/gRPC; the answer is compressed where the request was, as it is by servers written in Go.
    Grpc { compressed: bool },
}

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It is taken, with all that is in it.
    Taken,
    /// It is taken, but for so many of its records, and this is why.
    Partial(i64, &'static str),
    /// An HTTP status, and headers.
    Status(u16, Vec<(&'static str, String)>),
    /// A gRPC status, with these trailers. It comes without a message, as servers send it.
    Grpc(i32, Vec<(&'static str, String)>),
    /// 200 with this body, which may be anything.
    Body(&'static str, Vec<u8>),
    /// An HTTP status with this body.
    Page(u16, Vec<u8>),
    /// Nothing ever.
    Silence,
    /// The beginning of an answer; the connection closes then.
    BreakOff,
    /// Bytes that are no HTTP; the connection closes then. Only as the usual answer, for whole connections.
    Garbage,
}

impl Reply {
    /// Whether the request's records are the receiver's now.
    pub(super) fn takes(&self) -> bool {
        matches!(self, Self::Taken | Self::Partial(..))
    }

    /// The answer; it does not come for some.
    pub(super) async fn answer(self, form: Form) -> Response<Body> {
        match self {
            Self::Taken => taken(Vec::new(), form),
            Self::Partial(rejected, reason) => {
                let partial = ExportTracePartialSuccess { rejected_spans: rejected, error_message: reason.to_owned() };
                taken(ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec(), form)
            }
            Self::Status(status, headers) => with_headers(response(status, full(Bytes::new())), headers),
            Self::Grpc(status, mut trailers) => {
                trailers.push(("grpc-status", status.to_string()));
                trailers.push(("content-type", "application/grpc".to_owned()));
                with_headers(response(200, full(Bytes::new())), trailers)
            }
            Self::Body(content_type, body) => {
                with_headers(response(200, full(body.into())), vec![("content-type", content_type.to_owned())])
            }
            Self::Page(status, body) => response(status, full(body.into())),
            Self::BreakOff => {
                let beginning = stream::iter([Ok(Frame::data(Bytes::from_static(b"\x0a")))]);
                let end = stream::once(async {
                    // What is there is sent while the next is waited for.
                    tokio::task::yield_now().await;
                    Err(std::io::Error::other("breaks off"))
                });
                let body = BodyExt::boxed(StreamBody::new(beginning.chain(end)));
                with_headers(response(200, body), vec![("content-length", "100".to_owned())])
            }
            Self::Silence | Self::Garbage => std::future::pending().await,
        }
    }
}

fn taken(mut message: Vec<u8>, form: Form) -> Response<Body> {
    let Form::Grpc { compressed } = form else {
        return with_headers(
            response(200, full(message.into())),
            vec![("content-type", "application/x-protobuf".to_owned())],
        );
    };
    if compressed {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&message).expect("it is in memory");
        message = encoder.finish().expect("it is in memory");
    }
    let mut framed = vec![u8::from(compressed)];
    framed.extend_from_slice(&(message.len() as u32).to_be_bytes());
    framed.extend_from_slice(&message);
    let trailers = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    let frames = [Ok(Frame::data(Bytes::from(framed))), Ok(Frame::trailers(trailers))];
    let mut response = response(200, BodyExt::boxed(StreamBody::new(stream::iter(frames))));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    if compressed {
        response.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
    }
    response
}

fn full(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

fn response(status: u16, body: Body) -> Response<Body> {
    Response::builder().status(status).body(body).expect("a status")
}

fn with_headers(mut response: Response<Body>, headers: Vec<(&'static str, String)>) -> Response<Body> {
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), value.parse().expect("a header's value"));
    }
    response
}
