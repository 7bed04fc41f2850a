//! Whose request it is: users that are there, are not, or come into being.

use serde_json::{Value, json};

use crate::service;

const USERS: &str = r#""user".users"#;

fn newcomer(id: i64, email: &str) -> Value {
    json!({"user_id": id, "user_name": "Alan Turing", "user_email": email, "action": "purchase"})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_is_404_unless_name_and_email_are_given() {
    let service = service::alone().await;
    let before = service.rows(USERS).await;
    for more in [json!({}), json!({"user_name": "A"}), json!({"user_email": "a@example.com"})] {
        let mut request = json!({"user_id": 4242, "action": "purchase"});
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        service.client.post("/process", &request).await.expect_problem(404, "not-found");
    }
    assert_eq!(service.rows(USERS).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_with_name_and_email_is_created() {
    let service = service::alone().await;
    let answer = service.client.post("/process", &newcomer(4242, "alan@example.com")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let user = json!({"id": 4242, "name": "Alan Turing", "email": "alan@example.com"});
    assert_eq!(answer.body["user"], user);
    assert_eq!(service.client.get("/users/4242").await.body, user);
    let again = service.client.post("/process", &json!({"user_id": 4242, "action": "purchase"})).await;
    assert_eq!(again.body["user"], user);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_is_created_once_when_many_requests_race() {
    let service = service::alone().await;
    let before = service.rows(USERS).await;
    let requests: Vec<_> = (0..8)
        .map(|_| {
            let client = service.client.clone();
            tokio::spawn(async move { client.post("/process", &newcomer(4242, "alan@example.com")).await })
        })
        .collect();
    for request in requests {
        let answer = request.await.expect("no panic");
        assert_eq!((answer.status, &answer.body["user"]["id"]), (200, &json!(4242)), "{}", answer.text);
    }
    assert_eq!(service.rows(USERS).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_profile_is_never_changed() {
    let service = service::alone().await;
    let before = service.client.get("/users/1001").await.body;
    let answer = service.client.post("/process", &newcomer(1001, "other@example.com")).await;
    assert_eq!((answer.status, &answer.body["user"]), (200, &before));
    assert_eq!(service.client.get("/users/1001").await.body, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_address_of_somebody_else_is_409_and_nobody_is_created() {
    let service = service::alone().await;
    let before = service.rows(USERS).await;
    let answer = service.client.post("/process", &newcomer(4242, "ada.lovelace@example.com")).await;
    answer.expect_problem(409, "conflict");
    assert!(!answer.text.contains("ada"), "{}", answer.text);
    assert_eq!(service.rows(USERS).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_id_and_names_of_every_script_are_kept() {
    let service = service::alone().await;
    let mut request = newcomer(i64::MAX, "größe+tag@例え.jp");
    request["user_name"] = json!("Ада 李 '); DROP TABLE users;-- 🦀");
    let answer = service.client.post("/process", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let shown = service.client.get(&format!("/users/{}", i64::MAX)).await;
    assert_eq!((&shown.body["name"], &shown.body["email"]), (&request["user_name"], &request["user_email"]));
}
