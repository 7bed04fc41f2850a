//! Orders.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// An item that somebody wants. Its price is the catalogue's. Unknown fields are refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemRequest {
    /// The product's key in the catalogue.
    #[schema(min_length = 1, max_length = 64, pattern = "^[^\\x00-\\x1f\\x7f]*$", example = "book")]
    pub sku: String,
    /// How many units.
    #[schema(minimum = 1, maximum = 1000, example = 2)]
    pub quantity: i32,
}

/// An item with its price.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PricedItem {
    /// The product's key in the catalogue.
    pub sku: String,
    /// How many units.
    pub quantity: i32,
    /// The price of one unit, as a decimal string.
    #[schema(value_type = String, pattern = "^[0-9]{1,10}([.][0-9]{1,2})?$", example = "39.90")]
    pub unit_price: Decimal,
}

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrderState {
    /// Recorded; the rest of the chain has not answered yet.
    Pending,
    /// The rest of the chain has done its part.
    Completed,
    /// The rest of the chain has certainly done nothing.
    Cancelled,
    /// Whether the rest of the chain has done its part cannot be told.
    Unknown,
}

/// What the chain hands on of an order.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct OrderSummary {
    /// The order's key.
    pub id: Uuid,
    /// The items with their prices.
    pub items: Vec<PricedItem>,
    /// The sum over all items, as a decimal string.
    #[schema(value_type = String, pattern = "^[0-9]{1,12}([.][0-9]{1,2})?$", example = "79.80")]
    pub total: Decimal,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", example = "EUR")]
    pub currency: String,
}

/// An order as the order service shows it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Order {
    /// The order's key, its items and their sum.
    #[serde(flatten)]
    pub summary: OrderSummary,
    /// Who ordered.
    pub user_id: i64,
    /// What was done, in the caller's words.
    pub action: String,
    /// How far the order has come.
    pub state: OrderState,
    /// When it was recorded.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
}
