//! The tables `orders` and `order_items`.

use chassis::{Database, Deadline, PageRequest, Problem};
use contracts::order::{Order, OrderState, OrderSummary};
use telemetry::database::Statement;
use uuid::Uuid;

mod row;

pub(crate) use row::Position;
use row::{ItemRow, OrderRow, StateName, assemble};

static RECORD: Statement = telemetry::statement!(
    "INSERT",
    "orders",
    "INSERT INTO orders (id, user_id, action, total, currency) VALUES ($1, $2, $3, $4, $5)"
);
static RECORD_ITEMS: Statement = telemetry::statement!(
    "INSERT",
    "order_items",
    "INSERT INTO order_items (order_id, position, sku, quantity, unit_price) \
     SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::integer[], $5::numeric[])"
);
static SETTLE: Statement = telemetry::statement!(
    "UPDATE",
    "orders",
    "UPDATE orders SET state = $2, updated_at = now() WHERE id = $1 AND state = 'pending'"
);
static FIND: Statement = telemetry::statement!(
    "SELECT",
    "orders",
    "SELECT id, user_id, action, state, total, currency, created_at FROM orders WHERE id = $1"
);
static LIST: Statement = telemetry::statement!(
    "SELECT",
    "orders",
    "SELECT id, user_id, action, state, total, currency, created_at FROM orders \
     WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3"
);
static ITEMS: Statement = telemetry::statement!(
    "SELECT",
    "order_items",
    "SELECT order_id, sku, quantity, unit_price FROM order_items WHERE order_id = ANY($1) ORDER BY order_id, position"
);

/// The tables `orders` and `order_items`.
pub(crate) struct Orders {
    database: Database,
}

impl Orders {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Records a pending order with its items, both or neither.
    pub(crate) async fn record(
        &self,
        order: &OrderSummary,
        user_id: i64,
        action: &str,
        deadline: &Deadline,
    ) -> Result<(), Problem> {
        let database = &self.database;
        let mut transaction = database.attempt(deadline, database.pool().begin()).await?;
        let row = RECORD.bind(order.id).bind(user_id).bind(action.to_owned()).bind(order.total).bind(&order.currency);
        database.attempt(deadline, row.execute(&mut transaction)).await?;
        let positions: Vec<i32> = (0..).take(order.items.len()).collect();
        let skus: Vec<_> = order.items.iter().map(|item| item.sku.clone()).collect();
        let quantities: Vec<_> = order.items.iter().map(|item| item.quantity).collect();
        let prices: Vec<_> = order.items.iter().map(|item| item.unit_price).collect();
        let rows = RECORD_ITEMS.bind(order.id).bind(positions).bind(skus).bind(quantities).bind(prices);
        database.attempt(deadline, rows.execute(&mut transaction)).await?;
        Ok(database.commit(deadline, transaction.commit()).await?)
    }

    /// Notes how a pending order has ended. It may take as long as any statement, whatever time the request has left: the caller may
    /// be gone, the note is still due.
    pub(crate) async fn settle(&self, id: Uuid, state: OrderState) -> Result<(), Problem> {
        let settled = SETTLE.bind(id).bind(StateName::from(state)).execute(self.database.pool());
        self.database.commit(&Deadline::within(self.database.timeout()), settled).await?;
        Ok(())
    }

    pub(crate) async fn find(&self, id: Uuid, deadline: &Deadline) -> Result<Option<Order>, Problem> {
        let row = FIND.bind(id).fetch_optional::<OrderRow>(self.database.pool());
        let rows: Vec<_> = self.database.attempt(deadline, row).await?.into_iter().collect();
        Ok(self.with_items(rows, deadline).await?.pop())
    }

    pub(crate) async fn list(&self, page: &PageRequest<Position>, deadline: &Deadline) -> Result<Vec<Order>, Problem> {
        let (created_at, id) = page.after.clone().map(Position::into_parts).unzip();
        let rows = LIST.bind(created_at).bind(id).bind(page.rows_to_read()).fetch_all(self.database.pool());
        let rows = self.database.attempt(deadline, rows).await?;
        self.with_items(rows, deadline).await
    }

    async fn with_items(&self, rows: Vec<OrderRow>, deadline: &Deadline) -> Result<Vec<Order>, Problem> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = rows.iter().map(OrderRow::id).collect();
        let items = ITEMS.bind(ids).fetch_all::<ItemRow>(self.database.pool());
        Ok(assemble(rows, self.database.attempt(deadline, items).await?))
    }
}
