//! The audit trail.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// What the chain hands back of an audit record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AuditEntry {
    /// The record's key.
    pub id: Uuid,
    /// When it was written.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: OffsetDateTime,
}

/// A record as the audit service shows it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AuditRecord {
    /// The record's key, and when it was written.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// Whose request it was.
    pub user_id: i64,
    /// What was done, in the caller's words.
    pub action: String,
    /// The order, where the chain has one.
    pub order_id: Option<Uuid>,
    /// The order's sum, as a decimal string.
    #[schema(value_type = Option<String>, example = "79.80")]
    pub order_total: Option<Decimal>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The request's trace.
    pub trace_id: Option<String>,
}
