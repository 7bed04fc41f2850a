//! What became of every line and every span.
//!
//! `lines_read = lines_unparsable + lines_too_long + lines_unsampled + lines with spans`, and
//! `spans_made = spans_sent + spans_rejected + spans_failed + those on their way`.

use serde_json::Value;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counts {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// What became of every line and every span since the start of this process.
        #[derive(Debug, Default)]
        pub struct Counts { $($(#[doc = $doc])+ pub $name: Count,)* }

        impl Counts {
            /// Name, description and value of each.
            fn all(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), concat!($($doc),+).trim_ascii(), self.$name.get()),)*]
            }
        }
    };
}

counts! {
    /// Whole lines of the access log.
    lines_read,
    /// Lines that are not what nginx writes.
    lines_unparsable,
    /// Lines longer than any nginx writes.
    lines_too_long,
    /// Lines of requests that are not sampled; all when telemetry is switched off.
    lines_unsampled,
    /// Lines that were never read, because the file they were in had to make room.
    lines_lost,
    /// Spans made of the lines.
    spans_made,
    /// Spans the collector took.
    spans_sent,
    /// Spans the collector took note of and rejected (OTLP partial success).
    spans_rejected,
    /// Spans the collector refused for good.
    spans_failed,
    /// Exports that were tried again.
    exports_retried,
    /// How often the access log was begun anew.
    log_rotations,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }
}

impl Counts {
    /// For a log line.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value)> {
        self.all().into_iter().map(|(name, _, value)| (name, value.into())).collect()
    }

    /// In the Prometheus text format.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, description, value) in self.all() {
            let name = format!("gateway_spans_{name}_total");
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# HELP {name} {description}\n# TYPE {name} counter\n{name} {value}");
        }
        text
    }
}
