//! A statement, known at compile time.

use sqlx::postgres::PgArguments;
use sqlx::{Encode, Postgres, Type};

use super::Bound;

/// A statement's text, and what the conventions want to know of it.
#[derive(Debug)]
pub struct Statement {
    /// `db.operation.name`, such as `SELECT`.
    pub operation: &'static str,
    /// `db.collection.name`, the table; empty where there is none.
    pub collection: &'static str,
    /// `db.query.summary`, the span's name: operation and table.
    pub summary: &'static str,
    /// `db.query.text`, with placeholders for all values.
    pub text: &'static str,
}

/// Makes a [`Statement`](crate::database::Statement) of operation, table and text.
#[macro_export]
macro_rules! statement {
    ($operation:literal, $collection:literal, $text:literal) => {
        $crate::database::Statement {
            operation: $operation,
            collection: $collection,
            summary: concat!($operation, " ", $collection),
            text: $text,
        }
    };
}

impl Statement {
    /// The statement without values.
    pub fn unbound(&'static self) -> Bound {
        Bound::new(self, PgArguments::default())
    }

    /// The statement with its first value, `$1`; [`Bound::bind`] adds the next ones.
    pub fn bind<'v, T: Encode<'v, Postgres> + Type<Postgres>>(&'static self, value: T) -> Bound {
        self.unbound().bind(value)
    }
}
