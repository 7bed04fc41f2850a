//! An open-loop load: requests leave when they are due, whether or not earlier ones are answered.

mod checks;
mod report;
mod send;

pub use checks::{Checked, Checks};
pub use report::Report;
pub use send::{Load, run};
