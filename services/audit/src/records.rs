//! The table `audit_logs`.

use chassis::{Database, Deadline, PageRequest, Problem};
use contracts::audit::{AuditEntry, AuditRecord};
use contracts::chain::ChainMessage;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use telemetry::database::Statement;
use time::OffsetDateTime;
use uuid::Uuid;

static WRITE: Statement = telemetry::statement!(
    "INSERT",
    "audit_logs",
    "INSERT INTO audit_logs (id, user_id, action, order_id, order_total, currency, trace_id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, recorded_at"
);
static LIST: Statement = telemetry::statement!(
    "SELECT",
    "audit_logs",
    "SELECT id, user_id, action, order_id, order_total, currency, trace_id, recorded_at FROM audit_logs \
     WHERE $1::timestamptz IS NULL OR (recorded_at, id) < ($1, $2) ORDER BY recorded_at DESC, id DESC LIMIT $3"
);

#[derive(sqlx::FromRow)]
struct Written {
    id: Uuid,
    recorded_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    user_id: i64,
    action: String,
    order_id: Option<Uuid>,
    order_total: Option<Decimal>,
    currency: Option<String>,
    trace_id: Option<String>,
    recorded_at: OffsetDateTime,
}

/// Where a page of records ends.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Position {
    #[serde(with = "time::serde::rfc3339")]
    recorded_at: OffsetDateTime,
    id: Uuid,
}

impl Position {
    pub(crate) fn of(record: &AuditRecord) -> Self {
        Self { recorded_at: record.entry.recorded_at, id: record.entry.id }
    }
}

/// The table `audit_logs`.
pub(crate) struct Records {
    database: Database,
}

impl Records {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Writes the record of a message, in a transaction.
    pub(crate) async fn write(&self, message: &ChainMessage, deadline: &Deadline) -> Result<AuditEntry, Problem> {
        let database = &self.database;
        let order = message.order.as_ref();
        let row = WRITE
            .bind(Uuid::now_v7())
            .bind(message.user.id)
            .bind(message.action.clone())
            .bind(order.map(|order| order.id))
            .bind(order.map(|order| order.total))
            .bind(order.map(|order| order.currency.clone()))
            .bind(telemetry::trace_id());
        let mut transaction = database.attempt(deadline, database.pool().begin()).await?;
        let written: Written = database.attempt(deadline, row.fetch_one(&mut transaction)).await?;
        database.commit(deadline, transaction.commit()).await?;
        Ok(AuditEntry { id: written.id, recorded_at: written.recorded_at })
    }

    pub(crate) async fn list(
        &self,
        page: &PageRequest<Position>,
        deadline: &Deadline,
    ) -> Result<Vec<AuditRecord>, Problem> {
        let (recorded_at, id) = page.after.clone().map(|after| (after.recorded_at, after.id)).unzip();
        let rows = LIST.bind(recorded_at).bind(id).bind(page.rows_to_read()).fetch_all::<Row>(self.database.pool());
        Ok(self.database.attempt(deadline, rows).await?.into_iter().map(AuditRecord::from).collect())
    }
}

impl From<Row> for AuditRecord {
    fn from(row: Row) -> Self {
        Self {
            entry: AuditEntry { id: row.id, recorded_at: row.recorded_at },
            user_id: row.user_id,
            action: row.action,
            order_id: row.order_id,
            order_total: row.order_total,
            currency: row.currency,
            trace_id: row.trace_id,
        }
    }
}
