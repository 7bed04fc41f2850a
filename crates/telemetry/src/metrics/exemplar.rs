//! The traces of some measurements: the latest one of each bucket, not more than one a second.
//!
//! Source: OpenTelemetry specification, Metrics SDK, "Exemplar", filter `TraceBased`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::trace::SpanContext;

use crate::clock::Moment;

/// A bucket takes a new exemplar not before this has passed: whoever looks at a histogram wants a recent trace, and no
/// backend looks more often than this. Measurements in between cost one comparison.
const INTERVAL_NANOS: u64 = 1_000_000_000;

/// How long something took, until when, and in which span: one measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took<'a> {
    pub(crate) duration: Duration,
    pub(crate) ended: Moment,
    pub(crate) span: &'a SpanContext,
}

impl<'a> Took<'a> {
    /// What has ended just now.
    pub(crate) fn since(begun: Moment, span: &'a SpanContext) -> Self {
        let ended = Moment::now();
        Self { duration: ended.since(begun), ended, span }
    }
}

/// A measurement that may become an exemplar: made in a sampled span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    /// Nanoseconds since recording began.
    pub(super) at_nanos: u64,
    pub(super) span: &'a SpanContext,
}

/// A measurement, and where it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exemplar {
    pub(super) duration: Duration,
    /// Nanoseconds since recording began.
    pub(super) at_nanos: u64,
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: [u8; 8],
}

/// The exemplar of one bucket.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// When the next one may be taken.
    due_nanos: AtomicU64,
    latest: Mutex<Option<Exemplar>>,
}

impl Slot {
    /// Takes the measurement where it is time for one. Never waits: whoever finds the slot in use goes on without.
    #[inline]
    pub(super) fn offer(&self, duration: Duration, candidate: Candidate<'_>) {
        if candidate.at_nanos >= self.due_nanos.load(Ordering::Relaxed) {
            self.take(duration, candidate);
        }
    }

    #[cold]
    fn take(&self, duration: Duration, Candidate { at_nanos, span }: Candidate<'_>) {
        if let Ok(mut latest) = self.latest.try_lock() {
            self.due_nanos.store(at_nanos + INTERVAL_NANOS, Ordering::Relaxed);
            let (trace_id, span_id) = (span.trace_id().to_bytes(), span.span_id().to_bytes());
            *latest = Some(Exemplar { duration, at_nanos, trace_id, span_id });
        }
    }

    pub(super) fn latest(&self) -> Option<Exemplar> {
        // A poisoned slot still holds a whole exemplar, or none.
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceFlags, TraceId, TraceState};

    use super::*;

    fn span(id: u64) -> SpanContext {
        SpanContext::new(TraceId::from(1), SpanId::from(id), TraceFlags::SAMPLED, false, TraceState::NONE)
    }

    #[test]
    fn a_bucket_keeps_the_first_measurement_of_a_second() {
        let slot = Slot::default();
        for (id, at_nanos) in [(1, 0), (2, INTERVAL_NANOS - 1)] {
            slot.offer(Duration::from_millis(id), Candidate { at_nanos, span: &span(id) });
        }
        assert_eq!(slot.latest().expect("an exemplar").span_id, 1_u64.to_be_bytes());
        slot.offer(Duration::from_millis(3), Candidate { at_nanos: INTERVAL_NANOS, span: &span(3) });
        let latest = slot.latest().expect("an exemplar");
        assert_eq!((latest.span_id, latest.duration), (3_u64.to_be_bytes(), Duration::from_millis(3)));
    }

    #[test]
    fn a_slot_that_is_in_use_is_not_waited_for() {
        let slot = Slot::default();
        let held = slot.latest.lock().expect("nobody else has it");
        slot.offer(Duration::ZERO, Candidate { at_nanos: 0, span: &span(1) });
        drop(held);
        assert_eq!(slot.latest(), None);
    }
}
