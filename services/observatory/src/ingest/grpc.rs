//! OTLP/gRPC: `TraceService/Export`, with messages as raw bytes.

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::{Buf, BufMut, Bytes};
use http::HeaderValue;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Status};

use super::{ContentEncoding, Format, Held, Ingest, MAX_REQUEST_BYTES, Refusal, answer};

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const GRPC_STATUS: &str = "grpc-status";

/// What is in front of a message: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// The routes of the OTLP/gRPC port.
pub(crate) fn routes(ingest: Ingest) -> Router {
    Router::new().route(EXPORT, post(export)).fallback(unimplemented).with_state(ingest)
}

async fn unimplemented() -> Response {
    Status::unimplemented("this port receives OTLP traces only").into_http::<Body>().into_response()
}

async fn export(State(ingest): State<Ingest>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let (body, held) = match read(&ingest, body).await {
        Ok(read) => read,
        Err(refusal) => {
            ingest.refuse(&refusal);
            return status(&refusal).into_http::<Body>().into_response();
        }
    };
    let request = Request::from_parts(head, Body::from(body));
    let mut grpc = Grpc::new(RawCodec)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(MAX_REQUEST_BYTES);
    let mut reached = false;
    let service = Export { ingest: ingest.clone(), held: Some(held), reached: &mut reached };
    let mut response = grpc.unary(service, request).await.map(Body::new);
    if !reached {
        count_refusal(&ingest, &mut response);
    }
    response
}

/// Reads the message as it was sent and holds room for it, also decompressed: tonic itself waits for ever.
async fn read(ingest: &Ingest, body: Body) -> Result<(Bytes, Held), Refusal> {
    let (body, mut held) = ingest.room.read(body, PREFIX_BYTES + MAX_REQUEST_BYTES).await?;
    if body.first().is_some_and(|compressed| *compressed != 0) {
        ingest.room.hold_decompressed(&mut held).await?;
    }
    Ok((body, held))
}

/// A message that is too large or is not gzip never reaches the service; tonic refuses it.
/// It calls the first OUT_OF_RANGE, which OTLP exporters take for a reason to try again;
/// RESOURCE_EXHAUSTED, as other servers say, makes them drop it.
fn count_refusal(ingest: &Ingest, response: &mut Response) {
    let status = response.headers().get(GRPC_STATUS).and_then(|status| status.to_str().ok());
    let code = Code::from_bytes(status.unwrap_or_default().as_bytes());
    let too_large = matches!(code, Code::OutOfRange | Code::ResourceExhausted);
    if too_large {
        let exhausted = i32::from(Code::ResourceExhausted);
        response.headers_mut().insert(GRPC_STATUS, HeaderValue::from(exhausted));
    }
    let refusal = if too_large { Refusal::TooLarge } else { Refusal::Malformed(format!("gRPC: {code}")) };
    ingest.refuse(&refusal);
}

struct Export<'r> {
    ingest: Ingest,
    held: Option<Held>,
    reached: &'r mut bool,
}

impl UnaryService<Bytes> for Export<'_> {
    type Response = Bytes;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Bytes>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        *self.reached = true;
        let ingest = self.ingest.clone();
        // A unary call has one message.
        let held = self.held.take();
        Box::pin(async move {
            let held = held.ok_or_else(|| Status::internal("a second message"))?;
            let taken = ingest.take(request.into_inner(), held, ContentEncoding::Identity, Format::Protobuf).await;
            let accepted = taken.map_err(|refusal| status(&refusal))?;
            Ok(tonic::Response::new(answer::accepted(&accepted, Format::Protobuf).into()))
        })
    }
}

fn status(refusal: &Refusal) -> Status {
    let message = refusal.to_string();
    match refusal {
        Refusal::Malformed(_) => Status::invalid_argument(message),
        Refusal::TooLarge => Status::resource_exhausted(message),
        Refusal::Slow(_) => Status::deadline_exceeded(message),
        Refusal::Busy | Refusal::Unavailable => Status::unavailable(message),
    }
}

/// Messages as the bytes that they are.
#[derive(Debug, Clone, Copy)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}
