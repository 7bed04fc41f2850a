//! One statement, from before its connection is there to its last row.

use std::borrow::Cow;
use std::time::Instant;

use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use sqlx::Error;

use super::pool::Server;
use super::statement::Statement;
use crate::active;
use crate::metrics::{DatabaseOperation, Took};
use crate::pipeline::Telemetry;

/// How backends that draw a service graph name this node, whatever its address.
const PEER_SERVICE: &str = "postgresql";

/// Runs `work` as a CLIENT span named by the statement's summary. Outside of a traced request it just runs it.
pub(super) async fn observed<T>(
    server: Server,
    statement: &'static Statement,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(telemetry) = active::telemetry() else { return work.await };
    let Some(tracer) = telemetry.tracer() else { return work.await };
    let parent = Context::current();
    let builder = tracer.span_builder(statement.summary).with_kind(SpanKind::Client);
    let context = parent.with_span(tracer.build_with_context(builder, &parent));
    if context.span().is_recording() {
        context.span().set_attributes(attributes(&server, statement));
    }
    let mut operation =
        Operation { telemetry, context: context.clone(), statement, begun: Instant::now(), ended: false };
    let result = work.with_context(context).await;
    operation.finish(result.as_ref().err().and_then(error_type), result.as_ref().err().and_then(sqlstate));
    result
}

fn attributes(server: &Server, statement: &'static Statement) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(12);
    attributes.push(KeyValue::new("db.system.name", "postgresql"));
    attributes.push(KeyValue::new("db.namespace", server.0.namespace.clone()));
    attributes.push(KeyValue::new("db.operation.name", statement.operation));
    if !statement.collection.is_empty() {
        attributes.push(KeyValue::new("db.collection.name", statement.collection));
    }
    attributes.push(KeyValue::new("db.query.summary", statement.summary));
    attributes.push(KeyValue::new("db.query.text", statement.text));
    attributes.push(KeyValue::new("server.address", server.0.address.clone()));
    attributes.push(KeyValue::new("server.port", i64::from(server.0.port)));
    attributes.push(KeyValue::new("peer.service", PEER_SERVICE));
    attributes
}

/// A span that ends with its statement, also when nobody waits for it any longer.
struct Operation {
    telemetry: Telemetry,
    context: Context,
    statement: &'static Statement,
    begun: Instant,
    ended: bool,
}

impl Operation {
    fn finish(&mut self, error: Option<Cow<'static, str>>, sqlstate: Option<String>) {
        self.ended = true;
        let span = self.context.span();
        if let Some(sqlstate) = sqlstate {
            span.set_attribute(KeyValue::new("db.response.status_code", sqlstate));
        }
        if let Some(error) = &error {
            span.set_attribute(KeyValue::new("error.type", error.clone()));
            span.set_status(Status::error(""));
        }
        span.end();
        let operation = DatabaseOperation { statement: self.statement, error };
        let took = Took::since(self.begun, span.span_context());
        self.telemetry.metrics().database_operation_ends(&operation, took);
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if !self.ended {
            self.finish(Some(Cow::Borrowed("timeout")), None);
        }
    }
}

fn sqlstate(error: &Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(Cow::into_owned)
}

/// The SQLSTATE where the server gave one, otherwise one of a few names. A row that is not there is no error.
fn error_type(error: &Error) -> Option<Cow<'static, str>> {
    match error {
        Error::RowNotFound => None,
        Error::PoolTimedOut | Error::PoolClosed | Error::AnyDriverError(_) => {
            Some(Cow::Borrowed("connection_unavailable"))
        }
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => {
            Some(Cow::Borrowed("connection_lost"))
        }
        error => Some(sqlstate(error).map_or(Cow::Borrowed("_OTHER"), Cow::Owned)),
    }
}
