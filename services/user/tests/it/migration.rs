//! Schemas that the service makes itself.

use testkit::Database;

use crate::service;

const MIGRATIONS: &str = r#"SELECT count(*) FROM "user"._sqlx_migrations WHERE success"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_schema_is_migrated_once_by_services_that_start_together() {
    let database = Database::not_migrated().await;
    let owner = database.url("user_owner");
    let mut services = Vec::new();
    for _ in 0..3 {
        services.push(service::on(database.clone(), |settings| settings.with("MIGRATION_DATABASE_URL", &owner)).await);
    }
    for service in &services {
        service.ready().await;
        assert_eq!(service.client.get("/users/1001").await.status, 200);
        assert_eq!(service.client.post("/process", &service::request()).await.status, 200);
    }
    assert_eq!(services[0].rows(r#""user".users"#).await, 10);
    assert_eq!(database.count(MIGRATIONS).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_up_to_date_is_left_as_it_is() {
    let database = Database::new().await;
    let owner = database.url("user_owner");
    let service = service::on(database, |settings| settings.with("MIGRATION_DATABASE_URL", owner)).await;
    service.ready().await;
    assert_eq!(service.rows(r#""user".users"#).await, 10);
    assert_eq!(service.database.count(MIGRATIONS).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn until_the_schema_is_there_requests_are_503_and_readiness_says_why() {
    let database = Database::not_migrated().await;
    let owner = database.url("user_owner");
    let connect = |verb: &str| format!("DO $$ BEGIN EXECUTE format('{verb} user_owner', current_database()); END $$");
    database.execute(&connect("REVOKE CONNECT ON DATABASE %I FROM")).await;
    let service = service::on(database, |settings| settings.with("MIGRATION_DATABASE_URL", owner)).await;
    for path in ["/readyz", "/health"] {
        let answer = service.client.get(path).await;
        answer.expect_problem(503, "not-ready");
        assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.contains("migrated")), "{}", answer.text);
    }
    assert_eq!(service.client.get("/livez").await.status, 200);
    let answer = service.client.post("/process", &service::request()).await;
    answer.expect_problem(503, "not-ready");
    service
        .trace(
            &answer,
            "
            user-service server POST /process [error: 503]
              user-service internal resolve profile",
        )
        .await;
    service.database.execute(&connect("GRANT CONNECT ON DATABASE %I TO")).await;
    service.ready().await;
    assert_eq!(service.client.post("/process", &service::request()).await.status, 200);
}
