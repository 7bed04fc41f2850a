//! What a process says at its end of what became of its spans.

use doctor::Page;
use serde::Serialize;
use std::collections::BTreeMap;

/// The account of spans (docs/TELEMETRY.md): `ended = exported + failed + dropped + late + waiting`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Begun and sampled, and ended.
    pub ended: u64,
    /// Begun and sampled, and never ended.
    pub unfinished: u64,
    /// Taken by the receiver.
    pub exported: u64,
    /// Given up, by reason; those that are zero are left out.
    pub failed: BTreeMap<String, u64>,
    /// Found the queue full.
    pub dropped: u64,
    /// Came after the end.
    pub late: u64,
    /// On their way.
    pub waiting: u64,
}

impl Account {
    /// From what a program printed, its metrics among other lines.
    ///
    /// # Returns
    /// `None` where there are no metrics: the program did not come to its end.
    pub fn read(printed: &str) -> Option<Self> {
        let page = Page(printed.to_owned());
        let count = |value: f64| value as u64;
        let begun =
            |result: &str| count(page.sum("otel_sdk_span_started_total", &format!("sampling_result=\"{result}\"")));
        let exported = "otel_sdk_exporter_span_exported_total";
        page.series(exported).next()?;
        let unfinished = count(page.sum("otel_sdk_span_live", ""));
        let failed = page.series(exported).filter_map(|(labels, spans)| {
            let (_, reason) = labels.split_once("error_type=\"")?;
            let (reason, _) = reason.split_once('"')?;
            (spans > 0.0).then(|| (reason.to_owned(), count(spans)))
        });
        let given_up = |reason: &str| {
            count(page.sum("otel_sdk_processor_span_processed_total", &format!("error_type=\"{reason}\"")))
        };
        Some(Self {
            ended: begun("RECORD_AND_SAMPLE").saturating_sub(unfinished),
            unfinished,
            exported: count(page.sum_without(exported, "error_type")),
            failed: failed.collect(),
            dropped: given_up("queue_full"),
            late: given_up("shutdown"),
            waiting: count(page.sum("otel_sdk_processor_span_queue_size", "")),
        })
    }

    /// All that were given up.
    pub fn all_failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// By how many spans the equation is off.
    pub fn off(&self) -> u64 {
        let accounted = self.exported + self.all_failed() + self.dropped + self.late + self.waiting;
        self.ended.abs_diff(accounted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "a line of a log\n\
        otel_sdk_span_started_total{otel_span_parent_origin=\"remote\",otel_span_sampling_result=\"RECORD_AND_SAMPLE\"} 90\n\
        otel_sdk_span_started_total{otel_span_parent_origin=\"none\",otel_span_sampling_result=\"RECORD_AND_SAMPLE\"} 11\n\
        otel_sdk_span_started_total{otel_span_parent_origin=\"none\",otel_span_sampling_result=\"DROP\"} 1000\n\
        otel_sdk_span_live{otel_span_sampling_result=\"RECORD_AND_SAMPLE\"} 1\n\
        otel_sdk_processor_span_queue_size 4\n\
        otel_sdk_processor_span_queue_capacity 16384\n\
        otel_sdk_processor_span_processed_total 80\n\
        otel_sdk_processor_span_processed_total{error_type=\"queue_full\"} 15\n\
        otel_sdk_processor_span_processed_total{error_type=\"shutdown\"} 1\n\
        otel_sdk_exporter_span_exported_total 50\n\
        otel_sdk_exporter_span_exported_total{error_type=\"503\"} 25\n\
        otel_sdk_exporter_span_exported_total{error_type=\"shutdown\"} 5\n\
        otel_sdk_exporter_span_exported_total{error_type=\"timeout\"} 0\n";

    #[test]
    fn an_account_is_read_from_among_other_lines_and_is_exact() {
        let account = Account::read(PRINTED).unwrap();
        let failed = [("503".to_owned(), 25), ("shutdown".to_owned(), 5)];
        let expected = Account {
            ended: 100,
            unfinished: 1,
            exported: 50,
            failed: failed.into(),
            dropped: 15,
            late: 1,
            waiting: 4,
        };
        assert_eq!((&account, account.off()), (&expected, 0));
    }

    #[test]
    fn a_span_too_many_or_too_few_is_seen() {
        let account = Account::read(PRINTED).unwrap();
        for (dropped, off) in [(14, 1), (16, 1), (0, 15)] {
            assert_eq!(Account { dropped, ..account.clone() }.off(), off);
        }
    }

    #[test]
    fn a_program_that_did_not_come_to_its_end_has_no_account() {
        assert_eq!(Account::read("thread 'main' panicked\n"), None);
    }
}
