//! How many threads a service has.

use chassis::server::BLOCKING_THREADS;

use crate::service;

/// Of the settings that the tests' service leaves as they are.
const WORKERS: usize = 2;
/// More than all workers together have threads for.
const REQUESTS: usize = 3 * WORKERS * BLOCKING_THREADS;
/// Requests that are answered meanwhile: by then a thread that is wrongly started has begun, too.
const MEANWHILE: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_requests_that_block_starts_no_more_threads_than_a_container_has_room_for() {
    let service::Running { server, client, shared, backend: _backend } = service::start().await;
    let asking: Vec<_> = (0..REQUESTS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("/block").await.status })
        })
        .collect();
    let all = u32::try_from(REQUESTS).expect("a small number");
    drop(shared.gate.asked.acquire_many(all).await.expect("it is never closed"));
    while shared.gate.threads().waiting < BLOCKING_THREADS {
        tokio::task::yield_now().await;
    }
    for _ in 0..MEANWHILE {
        assert_eq!(client.get("/fine").await.status, 200);
    }
    shared.gate.open();
    for asking in asking {
        assert_eq!(asking.await.expect("an answer"), 200);
    }
    let most = shared.gate.threads().most;
    assert!(most <= WORKERS * BLOCKING_THREADS, "{most} threads");
    server.stop().await;
}
