//! From items to prices. The client's word counts for quantities, and for nothing else.

use chassis::Problem;
use chassis::problem::FieldError;
use contracts::order::{ItemRequest, OrderSummary, PricedItem};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use telemetry::KeyValue;
use uuid::Uuid;

use crate::catalogue::{DEFAULT_SKU, Product};

/// The largest sum of an order: 10^12 - 1 is the most that the column `orders.total`, numeric(14, 2), holds before its point.
const MOST_TOTAL: Decimal = Decimal::from_parts(3_567_587_327, 232, 0, false, 0);

/// What is ordered: one unit of the default product when nothing is said.
pub(crate) fn wanted(items: &[ItemRequest]) -> Vec<ItemRequest> {
    if items.is_empty() { vec![ItemRequest { sku: DEFAULT_SKU.to_owned(), quantity: 1 }] } else { items.to_vec() }
}

/// The order with the catalogue's prices; each priced item is an event of the current span.
///
/// # Errors
/// 422 with every item that the catalogue does not have.
pub(crate) fn price(items: &[ItemRequest], products: &[Product]) -> Result<OrderSummary, Problem> {
    let mut errors = Vec::new();
    let mut priced = Vec::with_capacity(items.len());
    let mut total = Decimal::ZERO;
    let mut currency = None;
    for (position, item) in items.iter().enumerate() {
        let Some(product) = products.iter().find(|product| product.sku == item.sku) else {
            errors.push(FieldError::new(format!("/items/{position}/sku"), "is not in the catalogue"));
            continue;
        };
        let line = product.unit_price * Decimal::from(item.quantity);
        total += line;
        if *currency.get_or_insert(&product.currency) != &product.currency {
            errors.push(FieldError::new(
                format!("/items/{position}/sku"),
                "has another currency than the items before it",
            ));
        }
        telemetry::event(
            "item priced",
            [
                KeyValue::new("item.sku", item.sku.clone()),
                KeyValue::new("item.quantity", i64::from(item.quantity)),
                KeyValue::new("item.unit_price", in_float(product.unit_price)),
                KeyValue::new("item.total", in_float(line)),
            ],
        );
        priced.push(PricedItem { sku: item.sku.clone(), quantity: item.quantity, unit_price: product.unit_price });
    }
    if total > MOST_TOTAL {
        errors.push(FieldError::new("/items", format!("must not cost more than {MOST_TOTAL} together")));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let currency = currency.cloned().unwrap_or_default();
    Ok(OrderSummary { id: Uuid::now_v7(), items: priced, total, currency })
}

/// A price for a span, whose attributes have no decimals. The API has the exact one.
pub(crate) fn in_float(price: Decimal) -> f64 {
    price.to_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(sku: &str, unit_price: &str, currency: &str) -> Product {
        Product { sku: sku.to_owned(), unit_price: unit_price.parse().expect("a price"), currency: currency.to_owned() }
    }

    fn item(sku: &str, quantity: i32) -> ItemRequest {
        ItemRequest { sku: sku.to_owned(), quantity }
    }

    #[test]
    fn the_total_is_exact() {
        let products = [product("sticker", "0.10", "EUR"), product("mug", "0.20", "EUR")];
        let order = price(&[item("sticker", 3), item("mug", 1)], &products).expect("both are there");
        assert_eq!(order.total.to_string(), "0.50");
    }

    #[test]
    fn nothing_said_is_one_unit_of_the_default_product() {
        assert_eq!(wanted(&[]), [item(DEFAULT_SKU, 1)]);
    }

    #[test]
    fn every_item_that_cannot_be_is_named() {
        let products = [product("mug", "9.50", "EUR"), product("tea", "4.00", "GBP")];
        let problem = price(&[item("gold", 1), item("mug", 1), item("tea", 1)], &products).expect_err("two cannot be");
        let pointers: Vec<_> = problem.errors().iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/items/0/sku", "/items/2/sku"]);
    }
}
