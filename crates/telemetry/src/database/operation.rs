//! One statement: the wait for its connection, then its span, from the connection being there to the last row.
//!
//! The wait is no part of the span: a server that is fast looks fast also while its pool is too small. The span says how
//! long the wait was, and metrics count both. Only a statement that never gets a connection has a span of its wait.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status};
use sqlx::Error;
use sqlx::postgres::PgConnection;

use super::Pool;
use super::executor::Connection;
use super::statement::Statement;
use super::within::time_is_up;
use crate::business::left_out;
use crate::clock::{Ended, Started};
use crate::metrics::{DatabaseOperation, PoolRecorder, Took};
use crate::pipeline::Telemetry;
use crate::recording::{Recording, Start};

/// A statement that is under way. Outside of a traced request nothing is made of it.
pub(super) struct Operation<'p> {
    pool: &'p Pool,
    statement: &'static Statement,
    /// The request's context; it has the telemetry, too.
    parent: Option<Context>,
    /// The connection stays out of the pool when the statement has ended.
    keeps_connection: bool,
    phase: Phase,
}

#[expect(
    clippy::large_enum_variant,
    reason = "it lives as long as its statement; a box would be an allocation for each"
)]
enum Phase {
    /// Nothing has begun.
    New,
    /// In the queue for a connection.
    Waiting {
        since: Started,
    },
    /// At the server.
    Running {
        since: Started,
        /// None where the trace is left out.
        span: Option<Recording>,
        pooled: bool,
    },
    Ended,
}

/// How a statement failed.
struct Failed {
    error_type: Cow<'static, str>,
    /// The server refused it: the error's type is the SQLSTATE.
    refused: bool,
    /// Whether it is a failure, and not just the end of the caller's interest.
    failure: bool,
}

impl<'p> Operation<'p> {
    /// A statement that has no connection yet.
    pub(super) fn new(pool: &'p Pool, statement: &'static Statement) -> Self {
        let parent = Context::map_current(|context| {
            let traced = context.get::<Telemetry>().is_some_and(|telemetry| telemetry.recorder().is_some());
            traced.then(|| context.clone())
        });
        Self { pool, statement, parent, keeps_connection: false, phase: Phase::New }
    }

    /// A statement on a connection that is there: its span begins at once.
    pub(super) fn on(pool: &'p Pool, statement: &'static Statement) -> Self {
        let mut operation = Self::new(pool, statement);
        operation.run(None);
        operation
    }

    /// A statement that has no connection yet, and will not give back the one that it gets.
    pub(super) fn first(pool: &'p Pool, statement: &'static Statement) -> Self {
        let mut operation = Self::new(pool, statement);
        operation.keeps_connection = true;
        operation
    }

    /// The lent connection, or one out of the pool. The span begins when it is there.
    pub(super) async fn connection<'c>(&mut self, lent: Option<&'c mut PgConnection>) -> Result<Connection<'c>, Error> {
        if let Some(lent) = lent {
            self.run(None);
            return Ok(Connection::Lent(lent));
        }
        if self.parent.is_none() {
            return self.pool.acquire().await.map(Connection::Pooled);
        }
        if let Some(recorder) = self.recorder() {
            recorder.wait_begins();
        }
        let since = Started::now();
        self.phase = Phase::Waiting { since };
        match self.pool.acquire().await {
            Ok(connection) => {
                self.run(Some(since));
                Ok(Connection::Pooled(connection))
            }
            Err(error) => {
                if let (Error::PoolTimedOut, Some(recorder)) = (&error, self.recorder()) {
                    recorder.timed_out();
                }
                self.finish(Failed::of(&error));
                Err(error)
            }
        }
    }

    /// The statement has ended like this.
    pub(super) fn end<T>(mut self, result: &Result<T, Error>) {
        self.finish(result.as_ref().err().and_then(Failed::of));
    }

    fn recorder(&self) -> Option<PoolRecorder<'_>> {
        self.pool.recorder(self.parent.as_ref()?.get::<Telemetry>()?)
    }

    /// The connection is there, waited for since then.
    fn run(&mut self, waited_since: Option<Started>) {
        let Some(parent) = &self.parent else { return };
        let waited = waited_since.map(|since| since.end());
        let since = waited.map_or_else(Started::now, |waited| waited.next());
        let span = self.span(parent, since, waited.map(|waited| waited.duration));
        if let (Some(waited), Some(recorder)) = (waited, self.recorder()) {
            recorder.wait_ends(took(waited, span.as_ref()));
        }
        self.phase = Phase::Running { since, span, pooled: waited.is_some() && !self.keeps_connection };
    }

    /// What belongs to a trace that is left out is counted, and that is all.
    fn span(&self, parent: &Context, since: Started, waited: Option<Duration>) -> Option<Recording> {
        let telemetry = parent.get::<Telemetry>()?;
        if let Some(remote) = left_out(parent) {
            telemetry.left_out(remote);
            return None;
        }
        let name = Cow::Borrowed(self.statement.summary);
        match telemetry.recorder()?.begin(parent, name, SpanKind::Client, since.unix_nanos()) {
            Start::Recorded(mut span) => {
                self.describe(&mut span, waited);
                Some(span)
            }
            Start::LeftOut(_) => None,
        }
    }

    fn describe(&self, span: &mut Recording, waited: Option<Duration>) {
        let statement = self.statement;
        self.pool.server().describe(span);
        span.text("db.operation.name", statement.operation);
        if !statement.collection.is_empty() {
            span.text("db.collection.name", statement.collection);
        }
        span.text("db.query.summary", statement.summary);
        span.text("db.query.text", statement.text);
        if let Some(waited) = waited {
            span.seconds("db.client.connection.wait_time", waited.as_secs_f64());
        }
    }

    fn finish(&mut self, failed: Option<Failed>) {
        let Some(parent) = &self.parent else { return };
        let (ended, mut span, pooled) = match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::New | Phase::Ended => return,
            Phase::Running { since, span, pooled } => (since.end(), span, pooled),
            // It has a span all the same, of the wait that led to nothing.
            Phase::Waiting { since } => {
                let (ended, span) = (since.end(), self.span(parent, since, None));
                if let Some(recorder) = self.recorder() {
                    recorder.wait_ends(took(ended, span.as_ref()));
                }
                (ended, span, false)
            }
        };
        if let Some(span) = &mut span {
            if let Some(failed) = &failed {
                failed.describe(span);
            }
            span.end(ended.unix_nanos);
        }
        if let Some(recorder) = self.recorder() {
            let refused = failed.as_ref().is_some_and(|failed| failed.refused);
            let error = failed.map(|failed| failed.error_type);
            let operation = DatabaseOperation { statement: self.statement, error, refused };
            recorder.operation_ends(&operation, took(ended, span.as_ref()));
            if pooled {
                recorder.used(took(ended, span.as_ref()));
            }
        }
    }
}

/// No span, whose measurements are nobody's exemplars.
static LEFT_OUT: SpanContext = SpanContext::NONE;

fn took(ended: Ended, span: Option<&Recording>) -> Took<'_> {
    let span = span.map_or(&LEFT_OUT, |span| span.span_context());
    Took { duration: ended.duration, ended: ended.at, span }
}

impl Drop for Operation<'_> {
    /// Reached with the statement under way when nobody waits for it any longer.
    fn drop(&mut self) {
        if matches!(self.phase, Phase::New | Phase::Ended) {
            return;
        }
        let reason = if time_is_up() { "timeout" } else { "cancelled" };
        // A caller may lose interest: that is its own doing, and no failure of the statement. A limit is one.
        self.finish(Some(Failed { error_type: Cow::Borrowed(reason), refused: false, failure: reason == "timeout" }));
    }
}

impl Failed {
    /// The SQLSTATE where the server gave one, otherwise one of a few names. A row that is not there is no error.
    fn of(error: &Error) -> Option<Self> {
        let named = |name| Some(Self { error_type: Cow::Borrowed(name), refused: false, failure: true });
        match error {
            Error::RowNotFound => None,
            Error::PoolTimedOut | Error::PoolClosed | Error::AnyDriverError(_) => named("connection_unavailable"),
            Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => named("connection_lost"),
            error => {
                let Some(sqlstate) = error.as_database_error().and_then(|error| error.code()) else {
                    return named("_OTHER");
                };
                Some(Self { error_type: Cow::Owned(sqlstate.into_owned()), refused: true, failure: true })
            }
        }
    }

    /// The server's message is left out: it may repeat values.
    fn describe(&self, span: &mut Recording) {
        if self.refused {
            span.text("db.response.status_code", &self.error_type);
        }
        span.text("error.type", &self.error_type);
        if self.failure {
            span.set_status(Status::error(""));
        }
    }
}
