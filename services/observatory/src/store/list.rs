//! The list of traces: filters, order, limit.

use super::Summary;

/// Which traces a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only traces with a span of this service.
    pub service: Option<String>,
    /// Only traces with a failed span, or only those without.
    pub errors: Option<bool>,
    /// Only traces that took at least so many nanoseconds.
    pub min_duration_nanos: u64,
    /// At most so many.
    pub limit: usize,
}

/// The newest traces that pass a filter.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The traces, the one that began last first.
    pub traces: Vec<Summary>,
    /// How many traces pass, shown or not.
    pub total: usize,
}

impl Filter {
    /// Picks from summaries in order; `all` is how many there are.
    pub(super) fn apply<'s>(&self, summaries: impl Iterator<Item = &'s Summary>, all: usize) -> Listing {
        let mut passing = summaries.filter(|summary| self.passes(summary));
        let traces: Vec<_> = passing.by_ref().take(self.limit).cloned().collect();
        let total = if self.passes_all() { all } else { traces.len() + passing.count() };
        Listing { traces, total }
    }

    fn passes_all(&self) -> bool {
        self.service.is_none() && self.errors.is_none() && self.min_duration_nanos == 0
    }

    fn passes(&self, summary: &Summary) -> bool {
        let named = |service: &String| summary.services.iter().any(|known| *known.name == **service);
        self.service.as_ref().is_none_or(named)
            && self.errors.is_none_or(|errors| errors == (summary.errors > 0))
            && summary.duration_nanos() >= self.min_duration_nanos
    }
}
