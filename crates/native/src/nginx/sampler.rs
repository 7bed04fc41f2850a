//! Which traces are sampled, in OpenTelemetry's words.

use crate::{Error, Result};
use std::fmt;

/// A sampler of OTEL_TRACES_SAMPLER. Source: OpenTelemetry specification, SDK environment variables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    /// Whether the decision of a caller whose trace is continued is followed.
    pub parent_based: bool,
    /// The decision where there is no caller's.
    pub root: RootSampler,
}

/// The decision about a trace that begins here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RootSampler {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// This part of all, between 0 and 1.
    Ratio(f64),
}

impl Sampler {
    /// Reads OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; a ratio without an argument is 1.
    pub fn parse(name: &str, argument: Option<&str>) -> Result<Self> {
        let (parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name),
        };
        let root = match root {
            "always_on" => RootSampler::AlwaysOn,
            "always_off" => RootSampler::AlwaysOff,
            "traceidratio" => RootSampler::Ratio(ratio(argument.unwrap_or("1"))?),
            _ => return Err(Error::Unusable(format!("OTEL_TRACES_SAMPLER: there is no sampler named {name:?}"))),
        };
        Ok(Self { parent_based, root })
    }

    /// nginx counts in hundredths of a percent and knows neither 0 % nor 100 %: these are the other samplers.
    pub(super) fn percent(&self) -> String {
        match self.settled() {
            RootSampler::Ratio(ratio) => format!("{:.2}", (ratio * 100.0).clamp(0.01, 99.99)),
            RootSampler::AlwaysOn | RootSampler::AlwaysOff => "50".into(),
        }
    }

    fn settled(&self) -> RootSampler {
        match self.root {
            RootSampler::Ratio(ratio) if ratio <= 0.0 => RootSampler::AlwaysOff,
            RootSampler::Ratio(ratio) if ratio >= 1.0 => RootSampler::AlwaysOn,
            root => root,
        }
    }
}

/// OpenTelemetry's default.
impl Default for Sampler {
    fn default() -> Self {
        Self { parent_based: true, root: RootSampler::AlwaysOn }
    }
}

/// The name without the argument.
impl fmt::Display for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = match self.settled() {
            RootSampler::AlwaysOn => "always_on",
            RootSampler::AlwaysOff => "always_off",
            RootSampler::Ratio(_) => "traceidratio",
        };
        write!(f, "{}{root}", if self.parent_based { "parentbased_" } else { "" })
    }
}

fn ratio(argument: &str) -> Result<f64> {
    match argument.trim().parse() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => {
            let message = format!("OTEL_TRACES_SAMPLER_ARG: {argument:?} is not a number between 0 and 1");
            Err(Error::Unusable(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sampler_of_the_specification_is_known() {
        for name in ["always_on", "always_off", "traceidratio"] {
            assert_eq!(Sampler::parse(name, Some("0.25")).unwrap().to_string(), name);
            let parent_based = format!("parentbased_{name}");
            assert_eq!(Sampler::parse(&parent_based, Some("0.25")).unwrap().to_string(), parent_based);
        }
        assert!(Sampler::parse("jaeger_remote", None).is_err());
    }

    #[test]
    fn a_ratio_that_nginx_cannot_say_is_another_sampler_or_the_nearest_ratio() {
        let sampler = |argument| Sampler::parse("traceidratio", Some(argument)).unwrap();
        assert_eq!(sampler("0").to_string(), "always_off");
        assert_eq!(sampler("1.0").to_string(), "always_on");
        assert_eq!(sampler("0.1").percent(), "10.00");
        assert_eq!(sampler("0.000001").percent(), "0.01");
        assert_eq!(sampler("0.999999").percent(), "99.99");
        assert!(Sampler::parse("traceidratio", Some("2")).is_err());
        assert!(Sampler::parse("traceidratio", Some("NaN")).is_err());
    }
}
