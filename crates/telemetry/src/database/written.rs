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
