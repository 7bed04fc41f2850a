//! Why an export did not succeed, and whether to try again.

use std::borrow::Cow;
use std::time::Duration;

use super::ledger::{self, ErrorType};

/// What no receiver means as a time to wait: the finest unit in which one can say it.
const SHORTEST_WISH: Duration = Duration::from_millis(1);

/// One attempt that did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// For the ledger.
    pub(crate) error_type: ErrorType,
    /// For the log.
    pub(crate) reason: String,
    pub(crate) again: Again,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// The same would come out.
    Never,
    /// Who sends it is asked to leave off, though what was refused may pass: it is for whoever keeps it.
    NotNow,
    /// After a pause of one's own choice.
    Later,
    /// After what the receiver asked for.
    After(Duration),
}

impl Again {
    /// After what the receiver asked for. No time at all is no wish: whoever is overloaded is not asked again at once.
    pub(crate) fn after(wish: Duration) -> Self {
        if wish < SHORTEST_WISH { Self::Later } else { Self::After(wish) }
    }
}

impl Failure {
    pub(crate) fn connection(reason: String) -> Self {
        Self { error_type: ledger::CONNECTION, reason, again: Again::Later }
    }

    /// Nobody can have it yet.
    pub(crate) fn unconnected(limit: Duration) -> Self {
        Self::connection(format!("no connection within {limit:?}"))
    }

    pub(crate) fn timeout(limit: Duration) -> Self {
        // Not tried again: the receiver may have taken it, and a second copy would be stored beside the first.
        Self { error_type: ledger::TIMEOUT, reason: format!("no answer within {limit:?}"), again: Again::Never }
    }

    /// Whether the receiver may take the same batch later. One that gave no answer in time may have it already: it is for who
    /// keeps the batch to say whether twice is better than not at all.
    pub(crate) fn may_pass(&self) -> bool {
        self.again != Again::Never || self.error_type == ledger::TIMEOUT
    }

    pub(crate) fn bad_answer(reason: String) -> Self {
        Self { error_type: ledger::BAD_ANSWER, reason, again: Again::Never }
    }

    /// The receiver said no, with this HTTP status or gRPC status name.
    pub(crate) fn refused(error_type: impl Into<Cow<'static, str>>, reason: String, again: Again) -> Self {
        Self { error_type: error_type.into(), reason, again }
    }
}
