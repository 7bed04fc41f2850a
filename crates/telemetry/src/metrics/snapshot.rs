//! Everything as it stands at one moment, before it is written in one encoding or the other.

use std::fmt::Debug;

use super::attributes::Attributes;
use super::descriptor::Descriptor;
use super::histogram::{Counts, Histogram};

/// Something that counts on its own and is asked when metrics are written. All that it adds in one call shall be one
/// consistent look.
pub(crate) trait Observe: Debug + Send + Sync {
    /// Adds what it has counted.
    fn observe(&self, snapshot: &mut Snapshot);
}

/// All metrics at one moment.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(super) families: Vec<Family>,
}

/// A metric with its points.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) descriptor: &'static Descriptor,
    pub(super) points: Vec<(Attributes, Point)>,
}

/// The value of one series.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Point {
    Number(i64),
    Histogram(Counts),
}

impl Snapshot {
    /// Adds a metric, which is there also when it has no series.
    pub(crate) fn family(&mut self, descriptor: &'static Descriptor) {
        self.of(descriptor);
    }

    /// Adds a counter's or an up-down counter's value.
    pub(crate) fn number(
        &mut self,
        descriptor: &'static Descriptor,
        attributes: impl Into<Attributes>,
        value: impl TryInto<i64>,
    ) {
        let value = value.try_into().unwrap_or(i64::MAX);
        self.of(descriptor).points.push((attributes.into(), Point::Number(value)));
    }

    /// Adds a histogram's counts.
    pub(crate) fn histogram(
        &mut self,
        descriptor: &'static Descriptor,
        attributes: impl Into<Attributes>,
        histogram: &Histogram,
    ) {
        self.of(descriptor).points.push((attributes.into(), Point::Histogram(histogram.counts())));
    }

    /// Brings the series of each metric into their order. Those with the same attributes are one: a reader could not tell
    /// them apart, and neither encoding allows two.
    pub(super) fn settle(&mut self) {
        for family in &mut self.families {
            family.points.sort_by(|(a, _), (b, _)| a.cmp(b));
            family.points.dedup_by(|(attributes, point), (kept_attributes, kept)| {
                let same = attributes == kept_attributes;
                if same {
                    kept.merge(point);
                }
                same
            });
        }
    }

    fn of(&mut self, descriptor: &'static Descriptor) -> &mut Family {
        let at = self.families.iter().position(|family| family.descriptor.name == descriptor.name);
        let at = at.unwrap_or_else(|| {
            self.families.push(Family { descriptor, points: Vec::new() });
            self.families.len() - 1
        });
        &mut self.families[at]
    }
}

impl Point {
    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Number(value), Self::Number(more)) => *value = value.saturating_add(*more),
            (Self::Histogram(counts), Self::Histogram(more)) => counts.merge(more),
            // A metric's points are all of one kind.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::descriptor::{ACTIVE_REQUESTS, SERVER_REQUESTS};

    #[test]
    fn series_with_the_same_attributes_are_added_up() {
        let mut snapshot = Snapshot::default();
        for (method, value) in [("POST", 3), ("GET", 1), ("POST", 4)] {
            snapshot.number(&ACTIVE_REQUESTS, [("http.request.method", method.into())], value);
            let histogram = Histogram::new(&[1.0], false);
            histogram.record(Duration::from_secs(value));
            snapshot.histogram(&SERVER_REQUESTS, [("http.request.method", method.into())], &histogram);
        }
        snapshot.settle();
        let [active, requests] = &snapshot.families[..] else { panic!("two metrics: {snapshot:?}") };
        let points: Vec<_> = active.points.iter().map(|(_, point)| point.clone()).collect();
        assert_eq!(points, [Point::Number(1), Point::Number(7)]);
        let Point::Histogram(posts) = &requests.points[1].1 else { panic!("a histogram: {requests:?}") };
        assert_eq!((posts.buckets.as_slice(), posts.sum), ([0, 2].as_slice(), Duration::from_secs(7)));
    }
}
