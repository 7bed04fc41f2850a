//! One statement: the wait for its connection, then its span, from the connection being there to the last row.
//!
//! The wait is no part of the span: a server that is fast looks fast also while its pool is too small. The span says how
//! long the wait was, and metrics count both. Only a statement that never gets a connection has a span of its wait.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status};
use sqlx::Error;
use sqlx::postgres::PgConnection;

use super::Pool;
use super::executor::Connection;
use super::statement::Statement;
use super::within::time_is_up;
use super::written;
use crate::business::left_out;
use crate::clock::Moment;
use crate::metrics::{DatabaseOperation, PoolMetrics, PoolRecorder, Took};
use crate::pipeline::Telemetry;
use crate::recording::{Recording, Start};

/// A statement that is under way. Outside of a traced request nothing is made of it.
pub(super) struct Operation<'p> {
    pool: &'p Pool,
    statement: &'static Statement,
    /// `None` where it is neither recorded nor measured.
    observed: Option<Observed>,
    /// The connection stays out of the pool when the statement has ended.
    keeps_connection: bool,
    phase: Phase,
}

enum Phase {
    /// Nothing has begun.
    New,
    /// In the queue for a connection.
    Waiting {
        since: Moment,
    },
    /// At the server.
    Running {
        since: Moment,
        /// None where the trace is left out.
        span: Option<Recording>,
        pooled: bool,
    },
    Ended,
}

/// Whose statement it is.
struct Observed {
    telemetry: Telemetry,
    /// Where the pool and its statements are counted, if they are.
    counted: Option<Arc<PoolMetrics>>,
    parent: Parent,
}

/// The span that a statement's own is to be below.
enum Parent {
    /// That of the request, or none.
    Of(Context),
    /// One that is left out, and whether it is somebody else's.
    LeftOut { remote: bool },
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
        let observed = Context::map_current(|context| Observed::new(pool, context));
        Self { pool, statement, observed, keeps_connection: false, phase: Phase::New }
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
        let Some(observed) = &self.observed else {
            return self.pool.acquire().await.map(Connection::Pooled);
        };
        if let Some(recorder) = observed.recorder() {
            recorder.wait_begins();
        }
        let since = Moment::now();
        self.phase = Phase::Waiting { since };
        match self.pool.acquire().await {
            Ok(connection) => {
                self.run(Some(since));
                Ok(Connection::Pooled(connection))
            }
            Err(error) => {
                let recorder = self.observed.as_ref().and_then(Observed::recorder);
                if let (Error::PoolTimedOut, Some(recorder)) = (&error, recorder) {
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

    /// The connection is there, waited for since then.
    fn run(&mut self, waited_since: Option<Moment>) {
        let Some(observed) = &self.observed else { return };
        let since = Moment::now();
        let waited = waited_since.map(|begun| since.since(begun));
        let span = observed.span(self.statement, since).map(|mut span| {
            self.describe(&mut span, waited);
            span
        });
        if let (Some(duration), Some(recorder)) = (waited, observed.recorder()) {
            recorder.wait_ends(took(duration, since, span.as_ref()));
        }
        self.phase = Phase::Running { since, span, pooled: waited.is_some() && !self.keeps_connection };
    }

    fn describe(&self, span: &mut Recording, waited: Option<Duration>) {
        written::describe(self.pool, self.statement, span);
        if let Some(waited) = waited {
            span.seconds("db.client.connection.wait_time", waited.as_secs_f64());
        }
    }

    fn finish(&mut self, failed: Option<Failed>) {
        let Some(observed) = &self.observed else { return };
        let (since, mut span, waited, pooled) = match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::New | Phase::Ended => return,
            Phase::Running { since, span, pooled } => (since, span, false, pooled),
            // It has a span all the same, of the wait that led to nothing.
            Phase::Waiting { since } => {
                let span = observed.span(self.statement, since).map(|mut span| {
                    self.describe(&mut span, None);
                    span
                });
                (since, span, true, false)
            }
        };
        let ended = Moment::now();
        let duration = ended.since(since);
        if let Some(span) = &mut span {
            if let Some(failed) = &failed {
                failed.describe(span);
            }
            span.end_after(duration);
        }
        if let Some(recorder) = observed.recorder() {
            let took = took(duration, ended, span.as_ref());
            if waited {
                recorder.wait_ends(took);
            }
            let refused = failed.as_ref().is_some_and(|failed| failed.refused);
            let error = failed.map(|failed| failed.error_type);
            recorder.operation_ends(&DatabaseOperation { statement: self.statement, error, refused }, took);
            if pooled {
                recorder.used(took);
            }
        }
    }
}

impl Observed {
    /// `None` where nothing is made of statements in this context.
    fn new(pool: &Pool, context: &Context) -> Option<Self> {
        let telemetry = context.get::<Telemetry>()?;
        let recorder = telemetry.recorder()?;
        let left_out = left_out(context).filter(|remote| !remote || recorder.follows_callers());
        let counted = pool.counted(telemetry);
        if let (Some(remote), None) = (left_out, &counted) {
            telemetry.left_out(remote);
            return None;
        }
        let parent = match left_out {
            Some(remote) => Parent::LeftOut { remote },
            None => Parent::Of(context.clone()),
        };
        Some(Self { telemetry: telemetry.clone(), counted, parent })
    }

    fn recorder(&self) -> Option<PoolRecorder<'_>> {
        self.counted.as_ref().map(|pool| self.telemetry.metrics().recorder_of(pool))
    }

    /// What belongs to a trace that is left out is counted, and that is all.
    fn span(&self, statement: &'static Statement, since: Moment) -> Option<Recording> {
        let parent = match &self.parent {
            Parent::Of(parent) => parent,
            Parent::LeftOut { remote } => {
                self.telemetry.left_out(*remote);
                return None;
            }
        };
        let name = Cow::Borrowed(statement.summary);
        match self.telemetry.recorder()?.begin(parent, name, SpanKind::Client, || since.unix_nanos()) {
            Start::Recorded(span) => Some(span),
            Start::LeftOut(_) => None,
        }
    }
}

/// No span, whose measurements are nobody's exemplars.
static LEFT_OUT: SpanContext = SpanContext::NONE;

fn took(duration: Duration, ended: Moment, span: Option<&Recording>) -> Took<'_> {
    Took { duration, ended, span: span.map_or(&LEFT_OUT, |span| span.span_context()) }
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
