//! The gateway on this machine's nginx: its configuration rendered, the program found, the command to run it.
//!
//! The files are those in `gateway/nginx`; only the words in `${...}` differ from machine to machine.
//! There are two mains: `native.conf` for stock nginx, and `otel.conf` for one with its OpenTelemetry module, which the
//! official images have ([`OtelModule`]). `gateway/nginx/start.sh` does in a container what [`render`] does here.
//! nginx stops at once on SIGTERM and after its last request on SIGQUIT.

mod binary;
mod config;
mod otel_module;
mod render;
mod sampler;
mod worker;

pub use binary::{Nginx, OLDEST_VERSION, check, command, find};
pub use config::GatewayConfig;
pub use otel_module::OtelModule;
pub use render::render;
pub use sampler::{RootSampler, Sampler};
