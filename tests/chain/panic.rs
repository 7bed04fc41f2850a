//! A handler panics: its service answers and goes on, and the trace shows where it was.

use actix_web::web::Json;
use chassis::config::Defaults;
use chassis::{Config, Problem, Routes, Server, Service};
use contracts::chain::ChainReply;
use testkit::{Backend, Client, Settings};

use crate::harness::{Plan, url};

const DEFAULTS: Defaults = Defaults { name: "panicking-service", version: "1", port: 0, request_timeout_ms: 4_000 };

fn routes(table: &mut Routes) {
    table.resource("/process").post(process);
}

async fn process() -> Result<Json<ChainReply>, Problem> {
    panic!("on purpose")
}

async fn panicking_service(backend: &Backend) -> Server {
    let environment = Settings::new(backend).environment();
    let config = Config::read(DEFAULTS, &environment).expect("valid settings");
    let service = Service { routes, openapi: Default::default(), state: (), database: None };
    Server::start(&config, service).await.expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_answer_and_an_error_in_the_trace() {
    let backend = Backend::start().await;
    let panicking = panicking_service(&backend).await;
    let plan = Plan { instead_of_audit: Some(url(panicking.address())), backend, ..Plan::usual().await };
    let chain = plan.start().await;
    let answer = chain.plain().await;
    answer.expect_problem(502, "bad-upstream-response");
    chain
        .backend
        .expect(
            answer.trace_id(),
            "
            api-gateway server POST /api/v1/process [error: 502]
              api-gateway client POST [error: 502]
                user-service server POST /process [error: 502]
                  user-service internal resolve profile
                    user-service client SELECT users
                  user-service client POST [error: 502]
                    order-service server POST /process [error: 502]
                      order-service internal price order
                        order-service client SELECT products
                      order-service client BEGIN
                      order-service client INSERT orders
                      order-service client INSERT order_items
                      order-service client COMMIT
                      order-service client POST [error: 500]
                        panicking-service server POST /process [error: panic]
                      order-service client UPDATE orders
            ",
        )
        .await;
    let again = Client::new(panicking.address()).post("/process", &serde_json::json!({})).await;
    again.expect_problem(500, "internal");
    assert!(!again.text.contains("on purpose"), "the client learns nothing of it: {}", again.text);
}
