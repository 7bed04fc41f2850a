//! The orderly end.

use chassis::Server;

use crate::service;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_answered_and_its_span_leaves() {
    let service::Running { server, client, backend, shared } = service::start().await;
    let address = server.address();
    let asking = tokio::spawn({
        let client = client.clone();
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        async move {
            testkit::Answer::of(client.request(reqwest::Method::GET, "/wait").header("traceparent", traceparent)).await
        }
    });
    shared.begun.notified().await;
    let stopping = tokio::spawn(Server::stop(server));
    // Nobody new is let in, and that is when the one who waits is let go.
    let refused = async { while tokio::net::TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), refused).await.expect("it stops listening");
    shared.finish.notify_one();
    let answer = asking.await.expect("an answer");
    assert_eq!((answer.status, answer.text.as_str()), (200, "\"waited\""));
    stopping.await.expect("it ends");
    backend.expect("0af7651916cd43dd8448eb211c80319c", "test-service server GET /wait [parent missing]").await;
}
