//! A fourth service between order and audit, by two variables and nothing else.

use crate::harness::{Chain, Plan};

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_put_between_two_others_has_its_step_and_its_spans() {
    let chain: Chain = Plan { fourth: true, ..Plan::usual().await }.start().await;
    let answer = chain.plain().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["risk"], "low", "what a hop adds reaches the client: {}", answer.text);
    let steps = answer.body["steps"].as_array().expect("steps");
    let services: Vec<_> = steps.iter().filter_map(|step| step["service"].as_str()).collect();
    assert_eq!(services, ["user-service", "order-service", "fraud-service", "audit-service"]);
    let outline = "
        api-gateway server POST /api/v1/process
          api-gateway client POST
            user-service server POST /process
              user-service internal resolve profile
                user-service client SELECT users
              user-service client POST
                order-service server POST /process
                  order-service internal price order
                    order-service client SELECT products
                  order-service client BEGIN
                  order-service client INSERT orders
                  order-service client INSERT order_items
                  order-service client COMMIT
                  order-service client POST
                    fraud-service server POST /process
                      fraud-service internal weigh risk
                      fraud-service client POST
                        audit-service server POST /process
                          audit-service internal record entry
                            audit-service client BEGIN
                            audit-service client INSERT audit_logs
                            audit-service client COMMIT
                  order-service client UPDATE orders
    ";
    let tree = chain.backend.expect(answer.trace_id(), outline).await;
    let weighing = tree.find("fraud-service", "weigh risk").expect("the service's own span");
    assert!(weighing.attribute("risk.items").is_some());
    assert_eq!(weighing.events.len(), 1);
}
