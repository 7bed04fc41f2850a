//! The gateway on nginx with its OpenTelemetry module as a black box: answers just as the one on stock nginx, whose tests
//! these are, and spans of its own. Run where `NGINX_OTEL_MODULE` names the module; each is named as ignored elsewhere.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

/// What is expected of the gateway whatever its main is.
macro_rules! expectations {
    ($($name:ident,)*) => {
        pub const ALL: &[crate::runner::Test] = &[$((concat!(module_path!(), "::", stringify!($name)), $name)),*];
    };
}
pub(crate) use expectations;

mod behind;
mod collector;
mod loss;
mod native_spans;
mod runner;
mod spans;
mod stable_spans;
mod traces;

#[path = "../it/client.rs"]
mod client;
#[path = "../it/nginx.rs"]
mod nginx;
#[path = "../it/stub.rs"]
mod stub;
#[path = "../it/wait.rs"]
mod wait;

#[path = "../it/errors.rs"]
mod errors;
#[path = "../it/forwarding.rs"]
mod forwarding;
#[path = "../it/inbound_trace.rs"]
mod inbound_trace;
#[path = "../it/limits.rs"]
mod limits;
#[path = "../it/sampling.rs"]
mod sampling;
#[path = "../it/unanswered.rs"]
mod unanswered;

use native::backends::Program;
use native::nginx::OtelModule;
use std::process::ExitCode;

fn main() -> ExitCode {
    let module = OtelModule::given().is_none().then_some("NGINX_OTEL_MODULE is not given");
    let collector =
        Program::Collector.find().is_err().then_some("the Collector is not here (cargo stack install-backends)");
    let answers = [errors::ALL, forwarding::ALL, inbound_trace::ALL, limits::ALL, sampling::ALL, unanswered::ALL];
    let spans = [spans::ALL, loss::ALL];
    runner::run(&[
        (answers.concat(), module),
        (spans.concat(), module),
        (stable_spans::ALL.to_vec(), module.or(collector)),
    ])
}
