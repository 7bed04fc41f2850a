//! What is asked for.

use serde::{Deserialize, Serialize};

/// The one statement of the chain.
pub const ORDER_BY_ID: &str = "SELECT id, customer, state, total_cents FROM orders WHERE id = $1";

/// A row of `orders`, and the body of both services' answers.
#[derive(Debug, Deserialize, Serialize, sqlx::FromRow)]
pub struct Order {
    /// The key.
    pub id: i64,
    /// Whose it is.
    pub customer: String,
    /// Such as `completed`.
    pub state: String,
    /// In cents.
    pub total_cents: i64,
}
