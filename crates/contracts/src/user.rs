//! Users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct User {
    /// Above 0.
    #[schema(minimum = 1, example = 1001)]
    pub id: i64,
    /// The name to call the user by.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    /// The email address; no two users have the same one.
    #[schema(example = "ada.lovelace@example.com")]
    pub email: String,
}

/// A user to be. Unknown fields are refused.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Alan Turing", "email": "alan.turing@example.com"}))]
pub struct NewUser {
    /// Chosen by the service when it is left out.
    #[schema(minimum = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The name to call the user by.
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f]*$")]
    pub name: String,
    /// The email address.
    #[schema(max_length = 254, pattern = "^[^@\\s\\x00-\\x1f\\x7f]+@[^@\\s\\x00-\\x1f\\x7f]+$")]
    pub email: String,
}
