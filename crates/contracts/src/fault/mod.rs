//! Faults that somebody asks a service for, and how they are told.
//!
//! A fault is written `kind=value`, such as `slow=2s`, the same on a command line, in these bodies and in a log.

mod kind;
mod time;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use kind::Kind;
pub use time::{in_words, parse as parse_time};

/// How long a fault is on when nobody says: long enough to be seen in every panel and in an alert that is pending.
pub const USUAL_TIME: Duration = Duration::from_secs(60);
/// The longest time of a fault: one that is forgotten is over before the next person looks for a defect.
pub const LONGEST_TIME: Duration = Duration::from_secs(3_600);
/// The longest wait of one request: several times what any request of the chain may take, so that every limit can be met.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Connections that can be asked for; the service knows how many its pool has.
pub const MOST_CONNECTIONS: u32 = 1_000;

/// What is done to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Each waits this long before its handler.
    Slow(Duration),
    /// Before each handler a statement runs on the service's own connection for this long.
    SlowQuery(Duration),
    /// So many connections are taken out of the pool, and nothing is done with them.
    PoolHeld(u32),
    /// This share, in percent, is answered 500 without being done.
    Errors(u8),
    /// The handler of this share, in percent, panics.
    Panic(u8),
}

impl Fault {
    /// Which one it is; a service has one of a kind at a time.
    pub fn kind(self) -> Kind {
        match self {
            Self::Slow(_) => Kind::Slow,
            Self::SlowQuery(_) => Kind::SlowQuery,
            Self::PoolHeld(_) => Kind::PoolHeld,
            Self::Errors(_) => Kind::Errors,
            Self::Panic(_) => Kind::Panic,
        }
    }

    /// How much of it, such as `2s`, `30%` or `8`.
    pub fn value(self) -> String {
        match self {
            Self::Slow(wait) | Self::SlowQuery(wait) => in_words(wait),
            Self::PoolHeld(connections) => connections.to_string(),
            Self::Errors(percent) | Self::Panic(percent) => format!("{percent}%"),
        }
    }

    /// A kind with its value.
    ///
    /// # Errors
    /// What the value has to be.
    pub fn parse(kind: Kind, value: &str) -> Result<Self, String> {
        let wrong = || format!("{kind} must be {}, not {value:?}", kind.range());
        let wait = || parse_time(value).filter(|wait| *wait <= LONGEST_WAIT);
        let percent = || value.strip_suffix('%')?.parse().ok().filter(|percent| (1..=100).contains(percent));
        let connections = || value.parse().ok().filter(|connections| (1..=MOST_CONNECTIONS).contains(connections));
        match kind {
            Kind::Slow => wait().map(Self::Slow),
            Kind::SlowQuery => wait().map(Self::SlowQuery),
            Kind::PoolHeld => connections().map(Self::PoolHeld),
            Kind::Errors => percent().map(Self::Errors),
            Kind::Panic => percent().map(Self::Panic),
        }
        .ok_or_else(wrong)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.kind(), self.value())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, value) = text.split_once('=').ok_or_else(|| format!("{text:?} must be a fault such as slow=2s"))?;
        Self::parse(kind.parse()?, value)
    }
}

/// Asks a service for faults, each of which takes the place of one of its kind.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRequest {
    /// Such as `slow=2s`.
    #[schema(min_items = 1, max_items = 5)]
    pub faults: Vec<String>,
    /// When they end by themselves, in milliseconds from now; an hour at most.
    #[schema(minimum = 1, maximum = 3_600_000)]
    pub for_ms: u64,
    /// Nothing is switched on: only what would be wrong is said. For whoever asks several services for all or none.
    #[serde(default)]
    pub only_check: bool,
}

/// What is on in a service.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FaultList {
    /// `service.name`.
    pub service: String,
    /// The faults, one of a kind.
    pub faults: Vec<FaultStatus>,
}

/// A fault that is on, or was until now.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FaultStatus {
    /// Such as `slow`.
    pub kind: String,
    /// Such as `2s`.
    pub value: String,
    /// Until it ends by itself, in milliseconds.
    pub left_ms: u64,
    /// Requests that it has changed so far.
    pub requests: u64,
    /// Connections that it has taken from the pool so far: a pool that is busy gives them one after another. Only of
    /// `pool_held`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in ["slow=1500ms", "slow=2s", "slow_query=1s", "pool_held=8", "errors=30%", "panic=100%"] {
            assert_eq!(text.parse::<Fault>().map(|fault| fault.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("slow=1m".parse::<Fault>().unwrap_err(), "slow must be a time from 1ms to 30s, not \"1m\"");
    }

    #[test]
    fn a_value_out_of_its_range_is_refused_with_the_range() {
        let wrong = ["slow=0s", "slow=31s", "slow=2", "errors=0%", "errors=101%", "errors=30", "panic=-1%"];
        let more = ["pool_held=0", "pool_held=1001", "pool_held=many", "slow_query=", "slow=1.5s"];
        for text in wrong.into_iter().chain(more) {
            let error = text.parse::<Fault>().expect_err(text);
            assert!(error.contains(" must be ") && error.contains(" from "), "{error}");
        }
        for text in ["fast=2s", "slow"] {
            assert!(text.parse::<Fault>().expect_err(text).contains("slow"), "{text}");
        }
    }
}
