//! What a statement's spans say each time, written once: a thread copies what it wrote for the last span of the same statement
//! on the same pool.

use std::cell::RefCell;

use super::Pool;
use super::statement::Statement;
use crate::recording::{Block, Recording};

/// Places for statements, by their addresses. Two that share a place push each other out, and are written anew.
const PLACES: usize = 64;

thread_local! {
    static KEPT: RefCell<[Option<Kept>; PLACES]> = const { RefCell::new([const { None }; PLACES]) };
}

struct Kept {
    pool: u64,
    statement: *const Statement,
    block: Block,
}

/// Adds what this statement says of itself and its server.
#[inline]
pub(super) fn describe(pool: &Pool, statement: &'static Statement, span: &mut Recording) {
    let (pool_id, address) = (pool.id(), std::ptr::from_ref(statement));
    let place = (address.addr() / size_of::<Statement>()) % PLACES;
    // Neither fails but at a thread's very end.
    let added = KEPT.try_with(|kept| {
        let mut kept = kept.try_borrow_mut().ok()?;
        let kept = kept.get_mut(place)?;
        let is_its = |kept: &Kept| kept.pool == pool_id && std::ptr::eq(kept.statement, address);
        if kept.as_ref().is_some_and(|kept| is_its(kept) && span.block(&kept.block)) {
            return Some(());
        }
        let mark = span.mark();
        add(pool, statement, span);
        *kept = span.since(mark).map(|block| Kept { pool: pool_id, statement: address, block });
        Some(())
    });
    if added.ok().flatten().is_none() {
        add(pool, statement, span);
    }
}

fn add(pool: &Pool, statement: &Statement, span: &mut Recording) {
    pool.server().describe(span);
    span.text("db.operation.name", statement.operation);
    if !statement.collection.is_empty() {
        span.text("db.collection.name", statement.collection);
    }
    span.text("db.query.summary", statement.summary);
    span.text("db.query.text", statement.text);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::Context;
    use opentelemetry::trace::SpanKind;
    use sqlx::postgres::PgPoolOptions;

    use super::*;
    use crate::config::{Config, SpanLimits};
    use crate::recording::{Recorder, Start};
    use crate::sampling::Sampler;

    static STATEMENTS: [Statement; 3 * PLACES] =
        [const { Statement { operation: "SELECT", collection: "a", summary: "SELECT a", text: "SELECT 1" } };
            3 * PLACES];
    static OTHER: Statement = Statement { operation: "BEGIN", collection: "", summary: "BEGIN", text: "BEGIN" };

    fn said(describe: impl FnOnce(&mut Recording)) -> Vec<u8> {
        let config = Config::from_lookup("test-service", "1.2.3", &|_| None).expect("valid settings");
        let recorder = Arc::new(Recorder::new(Sampler::new(&config), SpanLimits::default(), None));
        let Start::Recorded(mut span) = recorder.begin(&Context::new(), "a".into(), SpanKind::Client, || 0) else {
            panic!("it is sampled");
        };
        describe(&mut span);
        span.draft().fields.bytes().to_vec()
    }

    #[tokio::test]
    async fn what_is_copied_is_what_would_be_written() {
        let pool = |schema| {
            let lazy = PgPoolOptions::new().connect_lazy("postgres://user@127.0.0.1:1/database").expect("a URL");
            Pool::new(lazy, schema)
        };
        let pools = [pool("one"), pool("two")];
        // All share their places with others of them, some with the one that says something else.
        let statements = || STATEMENTS.iter().chain([&OTHER, &OTHER]).chain(&STATEMENTS).chain([&OTHER]);
        let in_turn = statements().flat_map(|statement| [(&pools[0], statement), (&pools[1], statement)]);
        let one_by_one = pools.iter().flat_map(|pool| statements().map(move |statement| (pool, statement)));
        for (pool, statement) in in_turn.chain(one_by_one) {
            let copied = said(|span| describe(pool, statement, span));
            assert_eq!(copied, said(|span| add(pool, statement, span)));
        }
    }
}
