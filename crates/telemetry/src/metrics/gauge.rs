//! Numbers that a service keeps itself, and is asked for when metrics are written.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::descriptor::{Descriptor, Instrument};
use super::{Attributes, Metrics, Observe, Snapshot};

/// A metric of a service's own that rises and falls, with a series for each value of one attribute.
#[derive(Debug)]
pub struct Gauge {
    descriptor: Descriptor,
    attribute: &'static str,
}

impl Gauge {
    /// `unit` is UCUM, `{thing}` for what is counted; `description` is one sentence; the attribute's values come from a
    /// bounded set.
    pub const fn new(
        name: &'static str,
        unit: &'static str,
        description: &'static str,
        attribute: &'static str,
    ) -> Self {
        Self { descriptor: Descriptor { name, unit, description, instrument: Instrument::UpDownCounter }, attribute }
    }
}

impl Metrics {
    /// Writes `gauge` from now on, with what `read` says at that moment: each series by its attribute's value. Where `read`
    /// panics, the metric is left out from then on, and the log says so.
    pub fn add_gauge<R, I>(&self, gauge: &'static Gauge, read: R)
    where
        R: Fn() -> I + Send + Sync + 'static,
        I: IntoIterator<Item = (&'static str, i64)>,
    {
        self.observe(Arc::new(Read { gauge, read, panicked: AtomicBool::new(false) }));
    }
}

/// A gauge with what is asked.
struct Read<R> {
    gauge: &'static Gauge,
    read: R,
    /// It has panicked: it is not asked again. Whatever was wrong mostly stays, and each panic would be a line of the log.
    panicked: AtomicBool,
}

impl<R> fmt::Debug for Read<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Read").field(self.gauge).finish()
    }
}

impl<R, I> Observe for Read<R>
where
    R: Fn() -> I + Send + Sync,
    I: IntoIterator<Item = (&'static str, i64)>,
{
    fn observe(&self, snapshot: &mut Snapshot) {
        if self.panicked.load(Ordering::Relaxed) {
            return;
        }
        let Gauge { descriptor, attribute } = self.gauge;
        // Somebody else's code, and the thread that asks exports all else: its panic is its own. Nothing of what it had
        // begun is used again here.
        let read = catch_unwind(AssertUnwindSafe(|| (self.read)().into_iter().collect::<Vec<_>>()));
        let Ok(read) = read else {
            self.panicked.store(true, Ordering::Relaxed);
            tracing::error!(metric = descriptor.name, "a gauge panicked; it is left out from now on");
            return;
        };
        for (series, value) in read {
            snapshot.number(descriptor, Attributes::from([(*attribute, series.into())]), value);
        }
    }
}
