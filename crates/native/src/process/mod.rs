//! Child processes: each in a process group of its own, with a bounded log, and gone when we are gone.
//!
//! - [`Spec`] says what to run; [`Process`] is it running; [`Supervised`] keeps it running.
//! - A child never outlives the program that started it, even when that is killed by SIGKILL: the kernel
//!   sends it [`Spec::death_signal`]. What that cannot reach is found again by its [`Identity`].

mod backoff;
mod identity;
mod keeper;
mod log;
mod notice;
mod output;
mod running;
mod spawn;
mod spec;
mod supervised;

pub use identity::Identity;
pub use log::{KEPT_LOGS, LOG_BYTES, rotated_name};
pub use nix::sys::signal::Signal;
pub use notice::{Notice, NoticeKind, State};
pub use output::run_to_end;
pub use probe::http_answers;
pub use running::{Exit, Process};
pub use spec::{RunAs, Spec, USUAL_STOP};
pub use supervised::{Plan, Ready, Supervised};
