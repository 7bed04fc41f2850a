//! The formats that a trace can travel in, by their names in `OTEL_PROPAGATORS`.

use std::str::FromStr;

/// A format that a trace's context, or baggage, is read from and written to.
///
/// Source: OpenTelemetry specification, "General SDK Configuration", `OTEL_PROPAGATORS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Propagator {
    /// W3C Trace Context: `traceparent` and `tracestate`.
    TraceContext,
    /// W3C Baggage: `baggage`.
    Baggage,
    /// B3, written as one header: `b3`. Both forms are read.
    B3,
    /// B3, written as several headers: `X-B3-*`. Both forms are read.
    B3Multi,
    /// Jaeger: `uber-trace-id`.
    Jaeger,
}

impl Propagator {
    /// What the specification has where nothing else is said.
    pub const DEFAULT: [Self; 2] = [Self::TraceContext, Self::Baggage];
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::TraceContext, Self::Baggage, Self::B3, Self::B3Multi, Self::Jaeger];

    /// Its name in `OTEL_PROPAGATORS`. The name `none`, which is no format, is an empty list.
    pub fn name(self) -> &'static str {
        match self {
            Self::TraceContext => "tracecontext",
            Self::Baggage => "baggage",
            Self::B3 => "b3",
            Self::B3Multi => "b3multi",
            Self::Jaeger => "jaeger",
        }
    }
}

/// No format has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of tracecontext, baggage, b3, b3multi, jaeger")]
pub struct UnknownPropagator;

impl FromStr for Propagator {
    type Err = UnknownPropagator;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|propagator| propagator.name() == name).ok_or(UnknownPropagator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_nothing_else_is() {
        for propagator in Propagator::ALL {
            assert_eq!(propagator.name().parse(), Ok(propagator));
        }
        for name in ["", "none", "TraceContext", "xray", " b3"] {
            assert_eq!(name.parse::<Propagator>(), Err(UnknownPropagator), "{name:?}");
        }
    }
}
