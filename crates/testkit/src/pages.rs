//! Lists, walked to their end.

use serde_json::Value;

use crate::Client;

/// Follows the cursors from the first page to the last. Every page but the last is full, and none is empty.
pub async fn walk(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut query = format!("limit={limit}");
    loop {
        let page = client.get(&format!("{path}?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let items = page.body["items"].as_array().expect("items").clone();
        let cursor = page.body["next_cursor"].as_str().map(str::to_owned);
        assert!(cursor.is_none() || items.len() == limit, "a page that is not full has a next one: {}", page.text);
        assert!(!items.is_empty(), "a page is empty: {}", page.text);
        all.extend(items);
        match cursor {
            Some(cursor) => query = format!("limit={limit}&cursor={cursor}"),
            None => return all,
        }
    }
}
