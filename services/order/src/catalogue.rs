//! The table `products`: what can be ordered, and for how much.

use chassis::{Database, Deadline, Problem};
use rust_decimal::Decimal;
use telemetry::database::Statement;

/// What is ordered when nothing is said.
pub(crate) const DEFAULT_SKU: &str = "book";

static FIND: Statement =
    telemetry::statement!("SELECT", "products", "SELECT sku, unit_price, currency FROM products WHERE sku = ANY($1)");

/// A product's price.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Product {
    pub(crate) sku: String,
    pub(crate) unit_price: Decimal,
    pub(crate) currency: String,
}

/// The table `products`.
pub(crate) struct Catalogue {
    database: Database,
}

impl Catalogue {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The products that there are among these.
    pub(crate) async fn find(&self, skus: Vec<String>, deadline: &Deadline) -> Result<Vec<Product>, Problem> {
        let found = FIND.bind(skus).fetch_all(self.database.pool());
        Ok(self.database.attempt(deadline, found).await?)
    }
}
