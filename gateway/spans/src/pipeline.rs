//! From the log to the collector: lines, spans, an export, and only then the note of the place.

use crate::access_line::AccessLine;
use crate::access_log::{AccessLog, Line};
use crate::export::{Backoff, Exporter, Outcome};
use crate::{Config, Counts, StartError, notice, resource, spans};
use otlp::encode::TraceRequest;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How often the log is looked at. inotify would wake earlier, but spans are sent in batches of this time anyway,
/// and a look costs two system calls; watches would have to follow each rename.
const FLUSH_INTERVAL: Duration = Duration::from_millis(200);
/// OpenTelemetry's default for one export; two spans more at most, since those of a line stay together.
const BATCH_SPANS: usize = 512;
/// Lines without spans are noted, too, at least after this many, so that a restart does not read them again.
const BATCH_LINES: usize = 4096;
/// While stopping, a collector that is away is asked this often until the limit.
const LAST_RETRY: Duration = Duration::from_millis(100);

/// Everything between the log and the collector; one task, one batch at a time.
pub(crate) struct Pipeline {
    log: AccessLog,
    exporter: Exporter,
    request: TraceRequest,
    disabled: bool,
    shutdown_timeout: Duration,
    counts: Arc<Counts>,
}

impl Pipeline {
    pub fn new(config: Config, counts: Arc<Counts>) -> Result<Self, StartError> {
        Ok(Self {
            log: AccessLog::open(&config, Arc::clone(&counts)),
            exporter: Exporter::new(&config)?,
            request: resource::empty_request(&config),
            disabled: config.disabled,
            shutdown_timeout: config.shutdown_timeout,
            counts,
        })
    }

    /// Runs until it is stopped and the rest is sent, or the time for that is over: then the rest stays in the log.
    pub async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let limit = self.shutdown_timeout;
        let mut stopping = stopped.clone();
        let out_of_time = async move {
            wait_for(&mut stopping).await;
            sleep(limit).await;
        };
        let work = async {
            while !*stopped.borrow() {
                self.drain(&mut stopped).await;
                let _ = timeout(FLUSH_INTERVAL, wait_for(&mut stopped)).await;
            }
            self.drain(&mut stopped).await;
        };
        tokio::select! {
            () = work => {}
            () = out_of_time => notice::warn("stopped before all was sent; the rest stays in the access log", &[]),
        }
    }

    /// Sends all the log has.
    async fn drain(&mut self, stopped: &mut watch::Receiver<bool>) {
        loop {
            self.log.refresh();
            let lines = self.fill();
            if lines == 0 {
                return;
            }
            if !self.request.is_empty() {
                self.export(stopped).await;
                self.request.clear();
            }
            self.log.note();
            // Only behind a batch: what an idle moment finds in the older file is read before it counts as too slow.
            self.log.keep_hard_bound();
        }
    }

    /// Takes lines until a batch is full; says how many.
    fn fill(&mut self) -> usize {
        let mut lines = 0;
        while lines < BATCH_LINES && self.request.len() < BATCH_SPANS {
            match self.log.has_line() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    notice::error("the access log cannot be read", &[("error", error.to_string().into())]);
                    break;
                }
            }
            let Some(line) = self.log.take_line() else { break };
            lines += 1;
            self.counts.lines_read.add(1);
            match line {
                Line::TooLong => self.counts.lines_too_long.add(1),
                Line::Whole(line) => push_line(&mut self.request, line, self.disabled, &self.counts),
            }
        }
        lines
    }

    /// Returns when the collector has the batch or will never take it.
    async fn export(&mut self, stopped: &mut watch::Receiver<bool>) {
        let mut backoff = Backoff::default();
        let mut away = false;
        loop {
            match self.exporter.send(self.request.bytes().to_vec()).await {
                Outcome::Taken { rejected, message } => {
                    if away {
                        notice::info("the collector is back", &[]);
                    }
                    return self.taken(rejected, &message);
                }
                Outcome::Refused(reason) => {
                    let spans = self.request.len();
                    self.counts.spans_failed.add(spans as u64);
                    return notice::error(
                        "the collector refuses spans",
                        &[("spans", spans.into()), ("reason", reason.into())],
                    );
                }
                Outcome::Again { after, reason } => {
                    self.counts.exports_retried.add(1);
                    if !away {
                        notice::warn(
                            "the collector takes no spans now; they wait in the access log",
                            &[("reason", reason.into())],
                        );
                    }
                    away = true;
                    self.wait_to_retry(backoff.next(after), stopped).await;
                }
            }
        }
    }

    fn taken(&self, rejected: u64, message: &str) {
        let spans = self.request.len() as u64;
        let rejected = rejected.min(spans);
        self.counts.spans_rejected.add(rejected);
        self.counts.spans_sent.add(spans - rejected);
        if rejected > 0 {
            notice::error("the collector rejected spans", &[("spans", rejected.into()), ("reason", message.into())]);
        }
    }

    /// The log must not outgrow its bound meanwhile.
    async fn wait_to_retry(&mut self, wait: Duration, stopped: &mut watch::Receiver<bool>) {
        let stopping = *stopped.borrow();
        if stopping {
            return sleep(LAST_RETRY).await;
        }
        let deadline = tokio::time::Instant::now() + wait;
        while tokio::time::Instant::now() < deadline {
            self.log.follow();
            self.log.keep_bound();
            let rest = deadline - tokio::time::Instant::now();
            if timeout(rest.min(FLUSH_INTERVAL), wait_for(stopped)).await.is_ok() {
                return;
            }
        }
    }
}

fn push_line(request: &mut TraceRequest, line: &[u8], disabled: bool, counts: &Counts) {
    // nginx passes on bytes that are no UTF-8 in what clients sent.
    let line = String::from_utf8_lossy(line);
    let parsed = serde_json::from_str::<AccessLine<'_>>(&line).ok();
    let read = parsed.and_then(|line| Some((line.ids()?, line.times()?, line)));
    let Some((ids, times, line)) = read else {
        return counts.lines_unparsable.add(1);
    };
    if disabled || line.sampled == 0 {
        return counts.lines_unsampled.add(1);
    }
    counts.spans_made.add(spans::push(request, &line, &ids, &times));
}

/// Whoever would say it may be gone, which says the same.
async fn wait_for(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
