//! Rows as the database has them, and orders as the API shows them.

use std::collections::HashMap;

use contracts::order::{Order, OrderState, OrderSummary, PricedItem};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct OrderRow {
    id: Uuid,
    user_id: i64,
    action: String,
    state: StateName,
    total: Decimal,
    currency: String,
    created_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
pub(super) struct ItemRow {
    order_id: Uuid,
    sku: String,
    quantity: i32,
    unit_price: Decimal,
}

/// The database's `order_state`.
#[derive(Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "order_state", rename_all = "lowercase")]
pub(super) enum StateName {
    Pending,
    Completed,
    Cancelled,
    Unknown,
}

/// Where a page of orders ends.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Position {
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    id: Uuid,
}

impl Position {
    pub(crate) fn of(order: &Order) -> Self {
        Self { created_at: order.created_at, id: order.summary.id }
    }

    pub(super) fn into_parts(self) -> (OffsetDateTime, Uuid) {
        (self.created_at, self.id)
    }
}

impl OrderRow {
    pub(super) fn id(&self) -> Uuid {
        self.id
    }
}

impl From<OrderState> for StateName {
    fn from(state: OrderState) -> Self {
        match state {
            OrderState::Pending => Self::Pending,
            OrderState::Completed => Self::Completed,
            OrderState::Cancelled => Self::Cancelled,
            OrderState::Unknown => Self::Unknown,
        }
    }
}

impl From<StateName> for OrderState {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Pending => Self::Pending,
            StateName::Completed => Self::Completed,
            StateName::Cancelled => Self::Cancelled,
            StateName::Unknown => Self::Unknown,
        }
    }
}

/// Orders with their items, in the order of `rows`.
pub(super) fn assemble(rows: Vec<OrderRow>, items: Vec<ItemRow>) -> Vec<Order> {
    let mut by_order: HashMap<Uuid, Vec<PricedItem>> = HashMap::new();
    for item in items {
        let priced = PricedItem { sku: item.sku, quantity: item.quantity, unit_price: item.unit_price };
        by_order.entry(item.order_id).or_default().push(priced);
    }
    let order = |row: OrderRow| Order {
        summary: OrderSummary {
            id: row.id,
            items: by_order.remove(&row.id).unwrap_or_default(),
            total: row.total,
            currency: row.currency,
        },
        user_id: row.user_id,
        action: row.action,
        state: row.state.into(),
        created_at: row.created_at,
    };
    rows.into_iter().map(order).collect()
}
