//! What a span has told so far, in memory that was used before.
//!
//! A span lives for one request and is handed from place to place meanwhile. So what it has told stays where it is, behind a
//! pointer, and each thread keeps what its last spans were written into: neither the text nor its buffer is allocated anew.

use std::borrow::Cow;
use std::cell::RefCell;

use opentelemetry::trace::Status;

use super::{Fields, Told};
use crate::config::SpanLimits;

/// Drafts that a thread keeps: more than it has spans under way at most times. Beyond that they are freed.
const MOST: usize = 64;
/// A buffer that grew beyond this is not kept: with it a thread keeps 256 KiB at most, whatever spans say.
const MOST_BYTES: usize = 4096;

thread_local! {
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    static KEPT: RefCell<Vec<Box<Draft>>> = const { RefCell::new(Vec::new()) };
}

/// A span that is being written.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) told: Told,
    pub(crate) fields: Fields,
    pub(super) ended: bool,
}

impl Draft {
    /// An empty one of a span that says this of itself, under these limits.
    #[inline]
    pub(super) fn of(told: Told, limits: &SpanLimits) -> Box<Self> {
        // Neither fails but at a thread's very end, or where memory is freed within this very function.
        let kept = KEPT.try_with(|kept| kept.try_borrow_mut().ok()?.pop()).ok().flatten();
        match kept {
            Some(mut draft) => {
                draft.told = told;
                draft.fields.renew(limits);
                draft.ended = false;
                draft
            }
            None => Box::new(Self { told, fields: Fields::new(limits), ended: false }),
        }
    }

    /// Keeps its memory for the thread's next span.
    #[inline]
    pub(super) fn forget(mut self: Box<Self>) {
        if self.fields.room() > MOST_BYTES {
            return;
        }
        // Texts of their own, which could be of any length.
        (self.told.name, self.told.status) = (Cow::Borrowed(""), Status::Unset);
        // As above: what is not kept is freed.
        let _ = KEPT.try_with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut()
                && kept.len() < MOST
            {
                kept.push(self);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, SpanKind};

    use super::*;

    fn told(name: &'static str) -> Told {
        Told {
            context: SpanContext::NONE,
            parent: SpanId::INVALID,
            parent_is_remote: false,
            kind: SpanKind::Internal,
            name: name.into(),
            start_unix_nanos: 0,
            status: Status::Unset,
        }
    }

    #[test]
    fn the_next_draft_has_the_memory_of_the_last_and_nothing_of_what_it_said() {
        let mut first = Draft::of(told("first"), &SpanLimits::default());
        first.fields.text(&SpanLimits::default(), "key", "value");
        let place = std::ptr::from_ref(&*first);
        first.forget();
        let second = Draft::of(told("second"), &SpanLimits::default());
        assert_eq!((std::ptr::from_ref(&*second), &*second.told.name), (place, "second"));
        assert!(second.fields.bytes().is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut large = Draft::of(told("large"), &SpanLimits::default());
        large.fields.any(&SpanLimits::default(), "key", otlp::encode::Value::Str(&"a".repeat(2 * MOST_BYTES)));
        large.forget();
        let drafts: Vec<_> = (0..2 * MOST).map(|_| Draft::of(told("one of many"), &SpanLimits::default())).collect();
        assert!(drafts.iter().all(|draft| draft.fields.room() <= MOST_BYTES));
        drafts.into_iter().for_each(Draft::forget);
        assert_eq!(KEPT.with_borrow(Vec::len), MOST);
    }
}
