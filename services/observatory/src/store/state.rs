//! What is behind the store's lock: traces, their order, their origins, the counters.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use otlp::TraceId;

use super::batch::{Batch, Chunk, Origin};
use super::trace::Trace;
use super::{Counters, Filter, Limits, Listing, StoredTrace, Summary, cost};

#[derive(Debug, Default)]
pub(super) struct State {
    traces: HashMap<TraceId, Trace>,
    by_arrival: VecDeque<TraceId>,
    by_start: BTreeSet<(u64, TraceId)>,
    /// Each origin once, with the number of parts that have it.
    origins: HashMap<Arc<Origin>, usize>,
    pub counters: Counters,
}

impl State {
    /// Says how many spans were beyond what their trace may have.
    pub(super) fn insert(&mut self, batch: Batch, limits: Limits) -> u64 {
        let mut beyond = 0;
        self.counters.received += batch.received();
        self.counters.rejected += batch.rejected;
        for chunk in batch.chunks {
            beyond += self.add(chunk);
            while self.traces.len() > limits.traces || self.counters.bytes > limits.bytes {
                if !self.evict() {
                    break;
                }
            }
        }
        beyond
    }

    fn add(&mut self, chunk: Chunk) -> u64 {
        let trace_id = chunk.trace_id;
        let spans = chunk.heads.len() as u64;
        let origin = self.origins.get_key_value(&chunk.origin).map_or(&chunk.origin, |(known, _)| known).clone();
        let trace = match self.traces.entry(trace_id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(_) if !Trace::can_begin_with(&chunk) => {
                self.counters.rejected += spans;
                return spans;
            }
            Entry::Vacant(entry) => {
                self.by_arrival.push_back(trace_id);
                self.counters.bytes += cost::TRACE_BYTES;
                entry.insert(Trace::new(Summary::new(trace_id)))
            }
        };
        let (bytes, parts, start) = (trace.bytes, trace.parts.len(), trace.summary.start_unix_nanos);
        let left = trace.add(chunk, origin.clone());
        self.counters.duplicates += left.duplicates;
        self.counters.rejected += left.beyond;
        self.counters.spans += spans - left.duplicates - left.beyond;
        self.counters.bytes += trace.bytes - bytes;
        if trace.summary.start_unix_nanos != start || trace.parts.len() == 1 {
            self.by_start.remove(&(start, trace_id));
            self.by_start.insert((trace.summary.start_unix_nanos, trace_id));
        }
        if trace.parts.len() > parts {
            self.hold(origin);
        }
        left.beyond
    }

    fn hold(&mut self, origin: Arc<Origin>) {
        let bytes = cost::origin(&origin);
        let parts = self.origins.entry(origin).or_insert(0);
        if *parts == 0 {
            self.counters.bytes += bytes;
        }
        *parts += 1;
    }

    fn release(&mut self, origin: &Arc<Origin>) {
        if let Some(parts) = self.origins.get_mut(origin) {
            *parts -= 1;
            if *parts == 0 {
                self.origins.remove(origin);
                self.counters.bytes -= cost::origin(origin);
            }
        }
    }

    /// Lets the trace go that came first; says whether there was one.
    fn evict(&mut self) -> bool {
        let Some(trace_id) = self.by_arrival.pop_front() else {
            return false;
        };
        let Some(trace) = self.traces.remove(&trace_id) else {
            return true;
        };
        self.by_start.remove(&(trace.summary.start_unix_nanos, trace_id));
        for part in &trace.parts {
            self.release(&part.origin);
        }
        self.counters.bytes -= trace.bytes;
        self.counters.spans -= trace.summary.spans;
        self.counters.evicted_spans += trace.summary.spans;
        self.counters.evicted_traces += 1;
        true
    }

    pub(super) fn trace(&self, trace_id: TraceId) -> Option<StoredTrace> {
        self.traces.get(&trace_id).map(StoredTrace::of)
    }

    /// Grows with each change of the trace; none while it is not there.
    pub(super) fn version(&self, trace_id: TraceId) -> Option<u64> {
        self.traces.get(&trace_id).map(|trace| trace.version)
    }

    pub(super) fn list(&self, filter: &Filter) -> Listing {
        let newest = self.by_start.iter().rev().filter_map(|(_, trace_id)| self.traces.get(trace_id));
        filter.apply(newest.map(|trace| &trace.summary), self.traces.len())
    }

    pub(super) fn counters(&self) -> Counters {
        Counters { traces: self.traces.len(), ..self.counters }
    }

    /// What all that is here costs, summed up anew.
    #[cfg(test)]
    pub(super) fn audit(&self) -> usize {
        let trace = |trace: &Trace| {
            let parts: usize = trace.parts.iter().map(|part| cost::part(part)).sum();
            let spans = usize::try_from(trace.summary.spans).unwrap() * cost::SPAN_BYTES;
            cost::TRACE_BYTES + trace.summary.cost() + spans + parts
        };
        let origins: std::collections::HashSet<_> =
            self.traces.values().flat_map(|trace| &trace.parts).map(|part| &part.origin).collect();
        assert_eq!(origins.len(), self.origins.len());
        assert_eq!((self.by_arrival.len(), self.by_start.len()), (self.traces.len(), self.traces.len()));
        let origins: usize = origins.into_iter().map(|origin| cost::origin(origin)).sum();
        self.traces.values().map(trace).sum::<usize>() + origins
    }
}

#[cfg(test)]
mod tests;
