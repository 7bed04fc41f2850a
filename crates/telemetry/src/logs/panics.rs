//! Panics as records of the log: where, on which thread, in which trace, and not what was said.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::thread;

use time::OffsetDateTime;
use tracing::Level;

use super::line::Line;

const MESSAGE: &str = "a thread panicked";

/// What is done with the panics of this process from now on. Tests of a program that never starts its log keep the usual
/// report.
pub(super) fn log_them() {
    std::panic::set_hook(Box::new(log));
}

/// The message is left out: it is made of whatever the code had at hand, such as a request's body.
fn log(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
    let thread = thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    if !tracing::enabled!(Level::ERROR) {
        // A filter that leaves this out was not meant for it: a panic that nobody hears of is not found.
        let mut line = Line::new();
        line.time("timestamp", OffsetDateTime::now_utc());
        line.text("level", "ERROR");
        line.text("target", module_path!());
        line.text("message", MESSAGE);
        line.text("place", &place);
        line.text("thread", thread);
        eprintln!("{}", String::from_utf8_lossy(&line.end()));
        return;
    }
    // Only where the environment asks for one, as the usual report does: RUST_BACKTRACE.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&backtrace));
    tracing::error!(place, thread, backtrace, "{MESSAGE}");
}
