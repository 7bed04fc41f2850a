//! nginx's OpenTelemetry module, with which the gateway makes its spans itself.

use super::render::quotable;
use crate::{Result, config};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The module, and where its spans go.
#[derive(Debug, Clone)]
pub struct OtelModule {
    /// `ngx_otel_module.so`, built for the nginx that loads it.
    pub module: PathBuf,
    /// The Collector; the module speaks OTLP/gRPC only.
    pub endpoint: SocketAddr,
    /// What the spans come from, besides `service.name`.
    pub resource_attributes: Vec<(String, String)>,
}

impl OtelModule {
    /// Without further resource attributes.
    pub fn new(module: impl Into<PathBuf>, endpoint: SocketAddr) -> Self {
        Self { module: module.into(), endpoint, resource_attributes: Vec::new() }
    }

    /// The file that `NGINX_OTEL_MODULE` names, where it does.
    #[must_use]
    pub fn given() -> Option<PathBuf> {
        config::otel_module()
    }

    /// The directives for the resource attributes, one a line.
    pub(super) fn resource(&self) -> Result<String> {
        let directive = |(name, value): &(String, String)| {
            Ok(format!("otel_resource_attr \"{}\" \"{}\";", quotable(name)?, quotable(value)?))
        };
        let lines: Result<Vec<String>> = self.resource_attributes.iter().map(directive).collect();
        Ok(lines?.join("\n"))
    }
}
