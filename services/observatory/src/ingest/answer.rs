//! `ExportTraceServiceResponse` and `google.rpc.Status`, in protobuf and JSON.

use otlp::field;
use serde_json::json;

use super::{Accepted, Format};

/// The answer to a request that was taken. `partial_success` is there only when spans were left out.
pub(super) fn accepted(accepted: &Accepted, format: Format) -> Vec<u8> {
    match format {
        Format::Protobuf => {
            let mut out = Vec::new();
            if accepted.rejected > 0 {
                field::message(&mut out, 1, |out| {
                    field::uint(out, 1, accepted.rejected);
                    field::text(out, 2, &accepted.message);
                });
            }
            out
        }
        Format::Json if accepted.rejected == 0 => b"{}".to_vec(),
        Format::Json => {
            let rejected = accepted.rejected.to_string();
            let partial = json!({ "rejectedSpans": rejected, "errorMessage": accepted.message });
            json!({ "partialSuccess": partial }).to_string().into_bytes()
        }
    }
}

/// The body of a refusal: a `google.rpc.Status` with this code.
pub(super) fn refused(code: u32, message: &str, format: Format) -> Vec<u8> {
    match format {
        Format::Protobuf => {
            let mut out = Vec::new();
            field::uint(&mut out, 1, code.into());
            field::text(&mut out, 2, message);
            out
        }
        Format::Json => json!({ "code": code, "message": message }).to_string().into_bytes(),
    }
}
