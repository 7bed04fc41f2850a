//! `POST /process` as the public knows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::audit::AuditEntry;
use crate::chain::Step;
use crate::order::{ItemRequest, OrderSummary};
use crate::user::User;

/// What somebody asks the chain to do. Unknown fields are refused.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_id": 1001, "action": "purchase", "items": [{"sku": "book", "quantity": 2}]}))]
pub struct ProcessRequest {
    /// Who asks. An unknown user is created when name and email address are given.
    #[schema(minimum = 1)]
    pub user_id: i64,
    /// Used only when the user is unknown; an existing profile is never changed.
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f]*$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Used only when the user is unknown.
    #[schema(max_length = 254, pattern = "^[^@\\s\\x00-\\x1f\\x7f]+@[^@\\s\\x00-\\x1f\\x7f]+$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_email: Option<String>,
    /// What is done, in the caller's words: 1 to 64 characters, none of them a control character.
    #[schema(min_length = 1, max_length = 64, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    pub action: String,
    /// What is ordered; without it, one unit of the catalogue's default product.
    #[schema(max_items = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<ItemRequest>>,
}

/// What the whole chain has done. Parts of services that are not in the chain are left out.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProcessResponse {
    /// The trace of this request: 32 lower-case hex digits.
    #[schema(example = "0af7651916cd43dd8448eb211c80319c")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Whose request it was.
    pub user: User,
    /// What was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderSummary>,
    /// What was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditEntry>,
    /// Each hop, in the order of the chain.
    pub steps: Vec<Step>,
    /// Where to look further.
    pub links: Links,
    /// What hops added that this version does not know.
    #[serde(flatten)]
    #[schema(ignore)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// Where to look further.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct Links {
    /// The request's trace, drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}
