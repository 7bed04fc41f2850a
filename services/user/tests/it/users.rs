//! `GET /users`, `POST /users` and `GET /users/{id}`.

use serde_json::json;
use testkit::pages;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_created_and_can_be_found_where_the_answer_says() {
    let service = service::alone().await;
    let answer = service.client.post("/users", &json!({"name": "Alan Turing", "email": "alan@example.com"})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.body["id"].as_i64().expect("an id");
    assert!(id >= 100_000, "{id} is among the ids of examples");
    assert_eq!(answer.header("location"), format!("users/{id}"));
    let shown = service.client.get(&format!("/{}", answer.header("location"))).await;
    assert_eq!((shown.status, &shown.body), (200, &answer.body));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_may_bring_an_id() {
    let service = service::alone().await;
    let user = json!({"id": 77, "name": "Alan Turing", "email": "alan@example.com"});
    let answer = service.client.post("/users", &user).await;
    assert_eq!((answer.status, &answer.body, answer.header("location")), (201, &user, "users/77"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_or_an_email_address_of_somebody_else_is_409_and_nobody_is_created() {
    let service = service::alone().await;
    let before = service.rows(r#""user".users"#).await;
    let taken = [
        json!({"id": 1001, "name": "Alan Turing", "email": "alan@example.com"}),
        json!({"name": "Alan Turing", "email": "ada.lovelace@example.com"}),
        json!({"id": 1001, "name": "Ada Lovelace", "email": "ada.lovelace@example.com"}),
    ];
    for user in taken {
        service.client.post("/users", &user).await.expect_problem(409, "conflict");
    }
    assert_eq!(service.rows(r#""user".users"#).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_chosen_is_one_that_nobody_has() {
    let service = service::alone().await;
    for id in 100_000..100_003 {
        let user = json!({"id": id, "name": "Squatter", "email": format!("squatter{id}@example.com")});
        assert_eq!(service.client.post("/users", &user).await.status, 201);
    }
    let answer = service.client.post("/users", &json!({"name": "Alan Turing", "email": "alan@example.com"})).await;
    assert_eq!((answer.status, &answer.body["id"]), (201, &json!(100_003)), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_walked_to_its_end_without_repeats() {
    let service = service::alone().await;
    for id in 1..=5 {
        let user = json!({"id": id, "name": "Somebody", "email": format!("somebody{id}@example.com")});
        assert_eq!(service.client.post("/users", &user).await.status, 201);
    }
    let expected: Vec<i64> = (1..=5).chain(1001..=1010).collect();
    for limit in [1, 4, 5, 15, 100] {
        let users = pages::walk(&service.client, "/users", limit).await;
        let ids: Vec<_> = users.iter().filter_map(|user| user["id"].as_i64()).collect();
        assert_eq!(ids, expected, "limit={limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_twenty_users_unless_told_otherwise() {
    let service = service::alone().await;
    service
        .database
        .execute(r#"INSERT INTO "user".users SELECT n, 'N', n || '@example.com' FROM generate_series(1, 30) n"#)
        .await;
    let page = service.client.get("/users").await;
    assert_eq!(page.body["items"].as_array().map(Vec::len), Some(20));
    assert!(page.body["next_cursor"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_comes_meanwhile_neither_repeats_nor_hides_others() {
    let service = service::alone().await;
    let first = service.client.get("/users?limit=5").await;
    let early = json!({"id": 1, "name": "Early", "email": "early@example.com"});
    assert_eq!(service.client.post("/users", &early).await.status, 201);
    let cursor = first.body["next_cursor"].as_str().expect("there is more");
    let second = service.client.get(&format!("/users?limit=5&cursor={cursor}")).await;
    let ids: Vec<_> = second.body["items"].as_array().expect("items").iter().map(|user| user["id"].clone()).collect();
    assert_eq!(ids, [1006, 1007, 1008, 1009, 1010]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_is_404_and_an_id_that_is_none_is_422() {
    let service = service::alone().await;
    for id in ["4242", "0", "-1", "9223372036854775807"] {
        service.client.get(&format!("/users/{id}")).await.expect_problem(404, "not-found");
    }
    for id in ["ada", "1.5", "9223372036854775808", "1001x", "%00"] {
        let answer = service.client.get(&format!("/users/{id}")).await;
        answer.expect_problem(422, "invalid-request");
        assert_eq!(answer.pointers().len(), 1, "{}", answer.text);
    }
}
