//! Why work on the database failed, and what that means for the caller.

use sqlx::Error;
use telemetry::database::NotConnected;

use crate::problem::{Kind, Problem};

/// SQLSTATE classes that say "not now": connection, resources, operator intervention, insufficient privilege to log in.
const NOT_NOW: [&str; 4] = ["08", "53", "57", "28"];
/// The statement was cancelled because it took too long (`statement_timeout`).
const QUERY_CANCELED: &str = "57014";

/// Work on the database failed.
#[derive(Debug)]
pub struct Failure {
    cause: Cause,
    done: Done,
}

/// Why.
#[derive(Debug)]
pub(super) enum Cause {
    NotReady(String),
    /// The request's time was up before the work was begun.
    OutOfTime,
    TimedOut,
    Sqlx(Error),
}

#[derive(Clone, Copy, Debug)]
enum Done {
    Nothing,
    Perhaps,
}

impl Failure {
    pub(super) fn nothing_done(cause: Cause) -> Self {
        Self { cause, done: Done::Nothing }
    }

    pub(super) fn perhaps_done(cause: Cause) -> Self {
        Self { cause, done: Done::Perhaps }
    }

    /// The name of the constraint that refused a row, if that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match &self.cause {
            Cause::Sqlx(error) => error.as_database_error()?.constraint(),
            _ => None,
        }
    }

    pub(super) fn into_problem(self, otherwise: Kind) -> Problem {
        let lost = |done| match done {
            Done::Nothing => {
                Problem::new(Kind::DatabaseUnavailable, "the database cannot be reached; nothing was done")
            }
            Done::Perhaps => Problem::new(Kind::OutcomeUnknown, "the database was lost on the way"),
        };
        match self.cause {
            Cause::NotReady(reason) => Problem::new(Kind::NotReady, "the service is not ready yet").because(reason),
            Cause::OutOfTime => Problem::new(Kind::DeadlineExceeded, "no time was left for the database"),
            Cause::TimedOut => lost(self.done).because("the statement took too long"),
            Cause::Sqlx(error) => match never_sent(&error) {
                Some(true) => lost(Done::Nothing).because(error),
                Some(false) => lost(self.done).because(error),
                None => Problem::new(otherwise, "the service failed; the log has the reason").because(error),
            },
        }
    }
}

/// Whether `failure` is a violation of this constraint.
pub fn violates(failure: &Failure, constraint: &str) -> bool {
    failure.constraint() == Some(constraint)
}

/// For failures of the database and not of the statement: whether the server has certainly not done it. `None` for others.
fn never_sent(error: &Error) -> Option<bool> {
    match error {
        // No connection was there: nothing was sent. A server that refuses has undone what it refused.
        Error::PoolTimedOut | Error::PoolClosed => Some(true),
        Error::AnyDriverError(error) if error.is::<NotConnected>() => Some(true),
        Error::Database(refused) => {
            let code = refused.code().unwrap_or_default();
            (code == QUERY_CANCELED || NOT_NOW.iter().any(|class| code.starts_with(class))).then_some(true)
        }
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => Some(false),
        _ => None,
    }
}
