//! How ended spans (`OTEL_BSP_*`) and log records (`OTEL_BLRP_*`) wait for their export.

use std::time::Duration;

use super::BatchConfig;
use super::variables::Variables;

/// Eight times the specification's 2,048: half a second at 32,000 records a second, while a receiver takes its time.
const QUEUE_RECORDS: usize = 16_384;
/// The specification's default.
const BATCH_RECORDS: usize = 512;
/// The specification's default for spans.
const SPAN_SCHEDULE_DELAY: Duration = Duration::from_millis(5_000);
/// The specification's default for log records.
const LOG_SCHEDULE_DELAY: Duration = Duration::from_millis(1_000);
/// The specification's default.
const EXPORT_TIMEOUT: Duration = Duration::from_millis(30_000);
/// The specification has 1. With 512 records each and a receiver that takes 200 ms for one, 16 carry 40,960 records a second.
const CONCURRENT_EXPORTS: usize = 16;

/// The variables of one signal.
struct Names {
    schedule_delay: &'static str,
    queue: &'static str,
    batch: &'static str,
    export_timeout: &'static str,
    concurrent_exports: Option<&'static str>,
}

const SPANS: Names = Names {
    schedule_delay: "OTEL_BSP_SCHEDULE_DELAY",
    queue: "OTEL_BSP_MAX_QUEUE_SIZE",
    batch: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    export_timeout: "OTEL_BSP_EXPORT_TIMEOUT",
    concurrent_exports: Some("OTEL_BSP_MAX_CONCURRENT_EXPORTS"),
};
/// Nothing names the number of log exports at a time; what suits spans suits them.
const LOGS: Names = Names {
    schedule_delay: "OTEL_BLRP_SCHEDULE_DELAY",
    queue: "OTEL_BLRP_MAX_QUEUE_SIZE",
    batch: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    export_timeout: "OTEL_BLRP_EXPORT_TIMEOUT",
    concurrent_exports: None,
};

/// How spans wait.
pub(super) fn spans(variables: &Variables<'_>) -> BatchConfig {
    read(variables, &SPANS, SPAN_SCHEDULE_DELAY)
}

/// How log records wait.
pub(super) fn logs(variables: &Variables<'_>) -> BatchConfig {
    read(variables, &LOGS, LOG_SCHEDULE_DELAY)
}

fn read(variables: &Variables<'_>, names: &Names, schedule_delay: Duration) -> BatchConfig {
    let queue_records = variables.count(names.queue, QUEUE_RECORDS);
    // A small queue makes the default batch smaller; a batch that was asked for and can never be full is a mistake.
    let batch_records = variables.count(names.batch, BATCH_RECORDS.min(queue_records));
    if batch_records > queue_records {
        variables.refuse(names.batch, format_args!("may not be above {} ({queue_records})", names.queue));
    }
    BatchConfig {
        queue_records,
        batch_records: batch_records.min(queue_records),
        schedule_delay: variables.milliseconds(&[names.schedule_delay], schedule_delay),
        export_timeout: variables.milliseconds(&[names.export_timeout], EXPORT_TIMEOUT),
        concurrent_exports: names
            .concurrent_exports
            .map_or(CONCURRENT_EXPORTS, |name| variables.count(name, CONCURRENT_EXPORTS)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::tests::{problems, read};

    #[test]
    fn spans_and_log_records_have_variables_of_their_own() {
        let config = read(&[
            ("OTEL_BSP_SCHEDULE_DELAY", "20"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "50"),
            ("OTEL_BSP_EXPORT_TIMEOUT", "3000"),
            ("OTEL_BSP_MAX_CONCURRENT_EXPORTS", "4"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "30"),
            ("OTEL_BLRP_MAX_QUEUE_SIZE", "200"),
            ("OTEL_BLRP_EXPORT_TIMEOUT", "4000"),
        ]);
        let (spans, logs) = (config.span_batch, config.log_batch);
        assert_eq!((spans.queue_records, spans.batch_records, spans.concurrent_exports), (100, 50, 4));
        assert_eq!((spans.schedule_delay, spans.export_timeout), (Duration::from_millis(20), Duration::from_secs(3)));
        assert_eq!((logs.queue_records, logs.batch_records, logs.concurrent_exports), (200, 200, 16));
        assert_eq!((logs.schedule_delay, logs.export_timeout), (Duration::from_millis(30), Duration::from_secs(4)));
        assert_eq!(read(&[("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "7")]).log_batch.batch_records, 7);
    }

    #[test]
    fn a_batch_larger_than_its_queue_is_refused() {
        let variables = [("OTEL_BSP_MAX_QUEUE_SIZE", "100"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "101")];
        assert_eq!(
            problems(&variables),
            ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE may not be above OTEL_BSP_MAX_QUEUE_SIZE (100)"]
        );
    }

    #[test]
    fn a_time_or_a_number_that_is_none_is_refused() {
        for wrong in ["0", "-1", "1.5", "5s", "99999999999999999999"] {
            assert_eq!(
                problems(&[("OTEL_BSP_SCHEDULE_DELAY", wrong), ("OTEL_BLRP_MAX_QUEUE_SIZE", wrong)]),
                [
                    "OTEL_BSP_SCHEDULE_DELAY must be a whole number of milliseconds above 0",
                    "OTEL_BLRP_MAX_QUEUE_SIZE must be a whole number above 0"
                ],
                "{wrong}"
            );
        }
    }
}
