//! Whether a service's table of routes and its OpenAPI document say the same.

use chassis::Routes;

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
