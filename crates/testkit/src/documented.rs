//! Whether a service's OpenAPI document says what its table of routes says, is whole, and can be looked at.

use chassis::Routes;
use serde_json::Value;

use crate::Client;

/// Panics with the difference: every route is in the document, and every operation of the document is a route.
pub fn expect_same(routes: fn(&mut Routes), openapi: &utoipa::openapi::OpenApi) {
    let mut table = Routes::default();
    routes(&mut table);
    let mut in_table: Vec<_> = table.list().iter().map(|(path, method)| format!("{method} {path}")).collect();
    let document = serde_json::to_value(openapi).expect("a document");
    let paths = document["paths"].as_object().expect("paths");
    let operations = |(path, item): (&String, &serde_json::Value)| {
        let methods: Vec<_> = item.as_object().expect("an item").keys().map(|method| method.to_uppercase()).collect();
        methods.into_iter().map(|method| format!("{method} {path}")).collect::<Vec<_>>()
    };
    let mut in_document: Vec<_> = paths.iter().flat_map(operations).collect();
    in_table.sort();
    in_document.sort();
    assert_eq!(in_table, in_document, "routes on the left, OpenAPI on the right");
}

/// Panics with the first `$ref` of a served document that leads nowhere, and with a route that every service has and this
/// document has not.
pub fn expect_whole(document: &Value) {
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    for path in ["/health", "/livez", "/readyz", "/metrics", "/openapi.json"] {
        assert!(document["paths"][path]["get"].is_object(), "{path} is not in the document");
    }
    let mut values = vec![document];
    let mut references = 0;
    while let Some(value) = values.pop() {
        match value {
            Value::Array(items) => values.extend(items),
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').expect("a reference into the document itself");
                    assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                    references += 1;
                }
                values.extend(members.values());
            }
            _ => {}
        }
    }
    assert!(references > 0, "a document without a schema");
}

/// Panics when the page that shows the document is not there.
pub async fn expect_page(client: &Client) {
    let page = client.get("/docs").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.header("content-type").starts_with("text/html"), "{:?}", page.headers);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    assert_eq!(client.get("/docs/swagger-ui-bundle.js").await.status, 200);
    assert!(client.get("/docs/swagger-initializer.js").await.text.contains("/openapi.json"));
}
