//! PostgreSQL goes away and comes back: refusals in time, then service as before, without a restart.

use std::time::{Duration, Instant};

use testkit::{Client, Database};

use crate::harness::{Chain, Plan};

/// A dead database is not waited for longer than this: the wait for a connection and the statement's own limit, and time
/// for a busy machine.
const REFUSAL_LIMIT: Duration = Duration::from_secs(7);
/// How long the services may take to find their database again.
const RECOVERY_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_refuses_without_its_database_and_recovers_by_itself() {
    let database = Database::alone().await;
    // What the services have without being told; tests give a busy machine more.
    let limits = vec![("DATABASE_TIMEOUT_MS", "2000".to_owned()), ("REQUEST_TIMEOUT_MS", "8000".to_owned())];
    let chain = Plan { database, variables: limits, ..Plan::usual().await }.start().await;
    recovered(&chain).await;

    let port = chain.database.stop().await;
    // The first one may still meet a connection that was alive a moment ago.
    chain.plain().await.expect_problem(503, "database-unavailable");
    let asked = Instant::now();
    let answer = chain.plain().await;
    assert!(asked.elapsed() < REFUSAL_LIMIT, "the refusal took {:?}", asked.elapsed());
    answer.expect_problem(503, "database-unavailable");
    chain
        .backend
        .expect(
            answer.trace_id(),
            "
            api-gateway server POST /api/v1/process [error: 503]
              api-gateway client POST [error: 503]
                user-service server POST /process [error: 503]
                  user-service internal resolve profile
                    user-service client SELECT users [error: connection_unavailable]
            ",
        )
        .await;
    let user = Client::new(chain.user.address());
    assert_eq!(user.get("/livez").await.status, 200);
    let ready = user.get("/readyz").await;
    ready.expect_problem(503, "not-ready");
    assert!(ready.text.contains("database"), "{}", ready.text);

    chain.database.start_again(port).await;
    recovered(&chain).await;
}

async fn recovered(chain: &Chain) {
    let begun = Instant::now();
    let mut answer = chain.plain().await;
    // Each refusal takes its time: asking again is waiting.
    while answer.status != 200 {
        assert!(begun.elapsed() < RECOVERY_LIMIT, "still {}", answer.text);
        answer = chain.plain().await;
    }
}
