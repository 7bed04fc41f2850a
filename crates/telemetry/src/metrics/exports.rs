//! How long exports took, each with all its tries.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "OpenTelemetry SDK metrics", `otel.sdk.exporter.operation.duration`.

use std::borrow::Cow;
use std::time::Duration;

use super::attributes::Attributes;
use super::descriptor::HTTP_BOUNDARIES;
use super::histogram::Histogram;
use super::sdk;
use super::series::{Key, Series};
use super::snapshot::{Observe, Snapshot};

/// Exports of all signals of a process.
#[derive(Debug)]
pub(crate) struct Exports(Series<Export, Histogram>);

/// What is counted together.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) struct Export {
    /// `otel.component.type`: the kind of exporter.
    pub(crate) component: &'static str,
    /// Why the batch was given up, where it was.
    pub(crate) error: Option<Cow<'static, str>>,
}

impl Exports {
    pub(crate) fn new() -> Self {
        Self(Series::new())
    }

    /// Counts one.
    pub(crate) fn took(&self, export: &Export, duration: Duration) {
        self.0.of(export, || Histogram::new(HTTP_BOUNDARIES, false)).record_in(duration, None);
    }
}

impl Observe for Exports {
    fn observe(&self, snapshot: &mut Snapshot) {
        snapshot.family(&sdk::EXPORTS);
        self.0.visit(|attributes, histogram| snapshot.histogram(&sdk::EXPORTS, attributes, histogram));
    }
}

impl Key for Export {
    fn attributes(&self) -> Attributes {
        let mut attributes = sdk::component(self.component);
        attributes.add_if("error.type", self.error.clone());
        attributes
    }
}
