//! The page's files.

use reqwest::Method;

use crate::observatory::observatory;

#[tokio::test]
async fn the_page_is_served_for_the_list_and_for_each_trace() {
    let observatory = observatory().await;
    let index = observatory.get("/").await;
    assert_eq!(index.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(index.headers()["cache-control"], "no-cache");
    assert!(index.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
    let index = index.text().await.unwrap();
    assert!(index.starts_with("<!doctype html>"));
    assert_eq!(observatory.get("/trace/0af7651916cd43dd8448eb211c80319c").await.text().await.unwrap(), index);
}

#[tokio::test]
async fn all_that_the_page_refers_to_is_there() {
    let observatory = observatory().await;
    let index = observatory.get("/").await.text().await.unwrap();
    let assets: Vec<_> = index.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(assets.iter().any(|asset| asset.ends_with(".js")) && assets.iter().any(|asset| asset.ends_with(".css")));
    for asset in assets {
        let response = observatory.get(asset).await;
        assert_eq!(response.status(), 200, "{asset}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn a_browser_that_has_a_file_is_not_sent_it_again() {
    let observatory = observatory().await;
    let first = observatory.get("/").await;
    let tag = first.headers()["etag"].clone();
    let again = observatory.request(Method::GET, "/").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(again.headers()["etag"], tag);
    assert!(again.bytes().await.unwrap().is_empty());
    let other = observatory.request(Method::GET, "/").header("if-none-match", "\"other\"").send().await.unwrap();
    assert_eq!(other.status(), 200);
}
