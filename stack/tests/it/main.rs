//! The tool as people use it: the built program, a state directory of its own, free ports.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod backends;
mod counting;
mod doctor;
mod faults;
mod install;
mod life;
mod log_lines;
mod refusals;
mod stack;
