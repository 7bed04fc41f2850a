//! The ids of a span and what can be wrong with them.

use crate::{SpanId, TraceId};

/// The valid ids of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanIds {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The id of its parent; none for a root.
    pub parent_span_id: Option<SpanId>,
}

/// Why a span cannot be placed in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The trace id is missing, zero or not of 16 bytes.
    #[error("trace_id must be 16 bytes that are not all zero")]
    TraceId,
    /// The span id is missing, zero or not of 8 bytes.
    #[error("span_id must be 8 bytes that are not all zero")]
    SpanId,
    /// The parent's id is there and not of 8 bytes.
    #[error("parent_span_id must be empty or 8 bytes")]
    ParentSpanId,
}

impl SpanIds {
    pub(super) fn parse(trace: &[u8], span: &[u8], parent: &[u8]) -> Result<Self, IdError> {
        let trace_id = TraceId::from_slice(trace).filter(TraceId::is_valid).ok_or(IdError::TraceId)?;
        let span_id = SpanId::from_slice(span).filter(SpanId::is_valid).ok_or(IdError::SpanId)?;
        let parent_span_id = match parent {
            [] => None,
            parent => {
                let parent = SpanId::from_slice(parent).ok_or(IdError::ParentSpanId)?;
                Some(parent).filter(SpanId::is_valid)
            }
        };
        Ok(Self { trace_id, span_id, parent_span_id })
    }
}
