//! Any bytes of a receiver's answer: nothing panics, and a partial success is read as the reference reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use otlp::walk;
use prost::Message;

fuzz_target!(|bytes: &[u8]| {
    let read = walk::partial_success(bytes);
    if let Ok(answer) = ExportTraceServiceResponse::decode(bytes) {
        let partial = answer.partial_success.unwrap_or_default();
        match read {
            Ok(read) => {
                assert_eq!(
                    (read.rejected_spans as i64, read.error_message),
                    (partial.rejected_spans, &*partial.error_message)
                );
            }
            // The reference nests deeper; all else it takes is taken here.
            Err(error) => assert_eq!(error.fault, walk::Fault::Depth),
        }
    }
    // `grpc-status-details-bin`, as it is when its base64 is gone.
    walk::retry_delay(bytes);
});
