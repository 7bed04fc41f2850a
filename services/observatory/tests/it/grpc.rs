//! OTLP/gRPC through the reference crate's client.

use bytes::BufMut;
use observatory::ingest::MAX_REQUEST_BYTES;
use observatory::store::Counters;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::observatory::{Observatory, observatory};
use crate::requests::{request, span, trace};

async fn client(observatory: &Observatory) -> TraceServiceClient<Channel> {
    TraceServiceClient::connect(format!("http://{}", observatory.server.otlp_grpc_addr())).await.unwrap()
}

#[tokio::test]
async fn plain_and_compressed_requests_are_taken() {
    let observatory = observatory().await;
    let plain = client(&observatory).await;
    let compressed = client(&observatory).await.send_compressed(Gzip).accept_compressed(Gzip);
    for (number, mut client) in [(1, plain), (2, compressed)] {
        let spans = vec![span(number, 1, 0), span(number, 2, 1)];
        let answer = client.export(request("user-service", spans)).await.unwrap().into_inner();
        assert_eq!(answer.partial_success, None);
        let tree = observatory.wait_for(trace(number), |tree| tree.len() == 2).await;
        assert_eq!(tree.outline(), "user-service server span 1\n  user-service server span 2\n");
    }
}

#[tokio::test]
async fn invalid_spans_are_counted_out() {
    let observatory = observatory().await;
    let mut zero = span(1, 1, 0);
    zero.span_id = vec![0; 8];
    let sent = request("s", vec![zero, span(1, 2, 0)]);
    let answer = client(&observatory).await.export(sent).await.unwrap().into_inner();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(partial.error_message.contains("span_id must be 8 bytes"));
}

#[tokio::test]
async fn too_large_a_request_is_refused_for_good() {
    let observatory = observatory().await;
    let mut big = span(1, 1, 0);
    big.name = "n".repeat(MAX_REQUEST_BYTES);
    for mut client in [client(&observatory).await, client(&observatory).await.send_compressed(Gzip)] {
        let status = client.export(request("s", vec![big.clone()])).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
    }
    let expected = Counters { refused_requests: 2, ..Counters::default() };
    assert_eq!(observatory.server.store().counters(), expected);
}

/// The generated client cannot send garbage, so that this test has a codec of its own.
#[tokio::test]
async fn garbage_is_an_invalid_argument_and_changes_nothing() {
    let observatory = observatory().await;
    let channel = Channel::from_shared(format!("http://{}", observatory.server.otlp_grpc_addr())).unwrap();
    let mut grpc = tonic::client::Grpc::new(channel.connect().await.unwrap());
    let call = |path: &'static str| (tonic::Request::new("not a request"), http::uri::PathAndQuery::from_static(path));
    let (message, path) = call("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    grpc.ready().await.unwrap();
    let status = grpc.unary(message, path, Garbage).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "ExportTraceServiceRequest.resource_spans: its tag is invalid");

    let (message, path) = call("/opentelemetry.proto.collector.logs.v1.LogsService/Export");
    grpc.ready().await.unwrap();
    let status = grpc.unary(message, path, Garbage).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let expected = Counters { refused_requests: 1, ..Counters::default() };
    assert_eq!(observatory.server.store().counters(), expected);
}

#[derive(Clone, Copy)]
struct Garbage;

impl Codec for Garbage {
    type Encode = &'static str;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Garbage {
    type Item = &'static str;
    type Error = Status;

    fn encode(&mut self, message: &'static str, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message.as_bytes());
        Ok(())
    }
}

impl Decoder for Garbage {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, _: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        Ok(Some(()))
    }
}
