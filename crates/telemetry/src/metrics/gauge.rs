//! Numbers that a service keeps itself, and is asked for when metrics are written.

use std::fmt;
use std::sync::Arc;

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
    /// Writes `gauge` from now on, with what `read` says at that moment: each series by its attribute's value.
    pub fn add_gauge<R, I>(&self, gauge: &'static Gauge, read: R)
    where
        R: Fn() -> I + Send + Sync + 'static,
        I: IntoIterator<Item = (&'static str, i64)>,
    {
        self.observe(Arc::new(Read { gauge, read }));
    }
}

/// A gauge with what is asked.
struct Read<R> {
    gauge: &'static Gauge,
    read: R,
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
        let Gauge { descriptor, attribute } = self.gauge;
        for (series, value) in (self.read)() {
            snapshot.number(descriptor, Attributes::from([(*attribute, series.into())]), value);
        }
    }
}
