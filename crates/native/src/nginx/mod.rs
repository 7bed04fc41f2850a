//! The gateway on this machine's nginx: its configuration rendered, the program found, the command to run it.
//!
//! The files are those in `gateway/nginx`; only the words in `${...}` differ from machine to machine.
//! nginx stops at once on SIGTERM and after its last request on SIGQUIT.

mod binary;
mod config;
mod render;
mod sampler;
mod worker;

pub use binary::{Nginx, OLDEST_VERSION, check, command, find};
pub use config::GatewayConfig;
pub use render::render;
pub use sampler::{RootSampler, Sampler};
