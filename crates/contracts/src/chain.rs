//! What goes from hop to hop, and what comes back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::audit::AuditEntry;
use crate::order::{ItemRequest, OrderSummary};
use crate::user::User;

/// A message between two services. The first one builds it; each hop adds its part and keeps what it does not know.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ChainMessage {
    /// Whose request it is.
    pub user: User,
    /// What is done, in the caller's words.
    #[schema(min_length = 1, max_length = 64, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    pub action: String,
    /// What is ordered; empty for one unit of the default product.
    #[schema(max_items = 100)]
    #[serde(default)]
    pub items: Vec<ItemRequest>,
    /// Added by the order service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderSummary>,
    /// What other hops added.
    #[serde(flatten)]
    #[schema(ignore)]
    pub other: Map<String, Value>,
}

impl ChainMessage {
    /// The message that the first hop sends.
    pub fn begin(user: User, action: String, items: Vec<ItemRequest>) -> Self {
        Self { user, action, items, order: None, other: Map::new() }
    }

    /// The reply of the last hop: what the chain did, as this message has gathered it.
    pub fn into_reply(self) -> ChainReply {
        ChainReply { user: self.user, order: self.order, audit: None, steps: Vec::new(), other: self.other }
    }
}

/// What the chain did, on its way back. Each hop puts its step in front.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ChainReply {
    /// Whose request it was.
    pub user: User,
    /// What was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderSummary>,
    /// What was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditEntry>,
    /// Each hop from here to the end of the chain.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What other hops added.
    #[serde(flatten)]
    #[schema(ignore)]
    pub other: Map<String, Value>,
}

impl ChainReply {
    /// Puts the answering hop's own step in front.
    pub fn with_step(mut self, step: Step) -> Self {
        self.steps.insert(0, step);
        self
    }
}

/// One hop's share.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Step {
    /// `service.name` of the hop.
    #[schema(example = "order-service")]
    pub service: String,
    /// `service.version` of the hop.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// From the request's arrival at the hop to its answer, all later hops included, in milliseconds.
    #[schema(example = 4.2)]
    pub duration_ms: f64,
}
