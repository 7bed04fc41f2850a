//! Attributes that many spans have in common, written once and copied into each.

use super::{Draft, Fields, Recording};
use crate::config::SpanLimits;

/// Some attributes as a span has them, under the limits of that span's pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    bytes: Box<[u8]>,
    attributes: u32,
    limits: SpanLimits,
}

/// Where a block begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    bytes: usize,
    attributes: u32,
    dropped: u32,
}

impl Recording {
    /// What is added from now on may become a block.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        let Fields { buffer, attributes, dropped_attributes, .. } = &self.draft().fields;
        Mark { bytes: buffer.len(), attributes: *attributes, dropped: *dropped_attributes }
    }

    /// All attributes that were added since the mark; `None` where some of them had no room.
    pub(crate) fn since(&self, mark: Mark) -> Option<Block> {
        let fields = &self.draft().fields;
        let whole = fields.dropped_attributes == mark.dropped;
        let bytes = fields.bytes().get(mark.bytes..).filter(|_| whole)?;
        let attributes = fields.attributes - mark.attributes;
        Some(Block { bytes: bytes.into(), attributes, limits: self.limits() })
    }

    /// Adds all attributes of a block, whose keys the span has not got yet. Does nothing where the block was made under other
    /// limits, where there is no room for all of it, and where keys may be there already: then they have to be added one by one.
    ///
    /// # Returns
    /// Whether they were added.
    #[inline]
    pub(crate) fn block(&mut self, block: &Block) -> bool {
        let (Draft { fields, .. }, limits) = self.open();
        let fits =
            fields.attributes + block.attributes <= limits.attributes && block.limits == *limits && !fields.is_foreign;
        if fits {
            fields.attributes += block.attributes;
            fields.buffer.copy(&block.bytes);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::trace::{Span, SpanKind};
    use opentelemetry::{Context, KeyValue};

    use super::super::{Recorder, Start};
    use super::*;
    use crate::config::Config;
    use crate::sampling::Sampler;

    fn span(limits: SpanLimits) -> Recording {
        let config = Config::from_lookup("test-service", "1.2.3", &|_| None).expect("valid settings");
        let recorder = Arc::new(Recorder::new(Sampler::new(&config), limits, None));
        match recorder.begin(&Context::new(), "a".into(), SpanKind::Server, || 0) {
            Start::Recorded(span) => span,
            Start::LeftOut(_) => panic!("it is sampled"),
        }
    }

    #[test]
    fn a_block_is_what_was_added_and_is_added_only_under_the_same_limits_and_as_a_whole() {
        let limits = SpanLimits { attributes: 3, ..SpanLimits::default() };
        let mut first = span(limits);
        first.text("own", "1");
        let mark = first.mark();
        first.text("a", "b");
        first.number("c", 300);
        let block = first.since(mark).expect("all had room");
        let mut second = span(limits);
        second.text("own", "1");
        assert!(second.block(&block));
        assert_eq!(second.draft().fields.bytes(), first.draft().fields.bytes());
        assert!(!second.block(&block), "there is no room left");
        assert!(!span(SpanLimits { value_length: Some(7), ..limits }).block(&block), "the limits are others");
        assert!(!{
            let mut third = span(limits);
            third.set_attribute(KeyValue::new("a", "own"));
            third.block(&block)
        });
        first.text("too", "many");
        assert!(first.since(mark).is_none());
    }

    #[test]
    fn what_the_middlewares_add_takes_the_place_of_what_a_service_has_set() {
        let mut span = span(SpanLimits::default());
        span.text("error.type", "of the request");
        for (key, value) in [("error.type", "own"), ("http.response.status_code", "own"), ("waited", "own")] {
            span.set_attribute(KeyValue::new(key, value));
        }
        span.text("error.type", "500");
        span.number("http.response.status_code", 500);
        span.seconds("waited", 0.5);
        let fields = &span.draft().fields;
        assert_eq!((fields.attributes, fields.dropped_attributes), (3, 0));
        let found = |text: &[u8]| fields.bytes().windows(text.len()).filter(|bytes| *bytes == text).count();
        assert_eq!((found(b"error.type"), found(b"http.response.status_code"), found(b"waited")), (1, 1, 1));
        assert_eq!((found(b"own"), found(b"of the request"), found(b"500")), (0, 0, 1));
    }
}
