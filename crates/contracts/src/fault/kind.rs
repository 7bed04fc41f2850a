//! The kinds of faults by their names.

use std::fmt;
use std::str::FromStr;

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Requests wait.
    Slow,
    /// The database is slow.
    SlowQuery,
    /// Connections are missing from the pool.
    PoolHeld,
    /// Requests fail.
    Errors,
    /// Handlers panic.
    Panic,
}

impl Kind {
    /// All of them, in the order in which they meet a request.
    pub const ALL: [Self; 5] = [Self::Slow, Self::SlowQuery, Self::PoolHeld, Self::Errors, Self::Panic];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::SlowQuery => "slow_query",
            Self::PoolHeld => "pool_held",
            Self::Errors => "errors",
            Self::Panic => "panic",
        }
    }

    /// What its value can be, in words.
    pub fn range(self) -> &'static str {
        match self {
            Self::Slow | Self::SlowQuery => "a time from 1ms to 30s",
            Self::PoolHeld => "a number of connections from 1 to 1000",
            Self::Errors | Self::Panic => "a share of the requests from 1% to 100%",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no fault named {text:?}; there are {names}")
        })
    }
}
