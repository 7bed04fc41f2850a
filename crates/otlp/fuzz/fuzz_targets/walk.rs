//! Any bytes: the walker does not panic, takes what the reference takes, and its JSON reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use otlp::{json, walk};
use prost::Message;

fuzz_target!(|bytes: &[u8]| {
    let walked = walk::check(bytes);
    if let Ok(request) = ExportTraceServiceRequest::decode(bytes) {
        let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        let spans: usize = scopes.map(|scope| scope.spans.len()).sum();
        // The reference nests deeper; all else it takes is taken here.
        match walked {
            Ok(walked) => assert_eq!(walked, spans),
            Err(error) => assert_eq!(error.fault, walk::Fault::Depth),
        }
    }
    if let Ok(text) = json::from_protobuf(bytes) {
        assert!(walked.is_ok());
        let back = json::to_protobuf(text.as_bytes()).expect("JSON written here is read here");
        assert_eq!(json::from_protobuf(&back).expect("what JSON gives is walked"), text);
    }
});
