//! Requests that pass through a service: the middlewares read and write all of it.

use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use telemetry::http_client::Tracing;
use telemetry::http_server::Traced;
use telemetry::{Config, Telemetry};
use testkit::stub::Behaviour;
use testkit::{Stub, stub};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A service whose only route calls the next one; answers with its URL. It lives as long as the test's runtime.
async fn service(next: String) -> String {
    let collector = stub::nobody();
    let lookup = |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| collector.clone());
    let config = Config::from_lookup("test-service", "1", &lookup).expect("valid settings");
    let telemetry = Telemetry::start(&config).expect("a pipeline");
    let client = ClientBuilder::new(reqwest::Client::new()).with(Tracing).build();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(telemetry.clone())
            .app_data(Data::new((client.clone(), next.clone())))
            .service(web::resource("/").wrap(Traced::route("/")).get(call))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .expect("a port");
    let url = format!("http://{}/", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    url
}

async fn call(state: Data<(ClientWithMiddleware, String)>) -> HttpResponse {
    let (client, next) = &**state;
    // Set by the application, and replaced by what is right.
    let answer = client.get(next).header("traceparent", "00-wrong").send().await;
    HttpResponse::build(if answer.is_ok() {
        actix_web::http::StatusCode::OK
    } else {
        actix_web::http::StatusCode::BAD_GATEWAY
    })
    .finish()
}

#[actix_web::test]
async fn trace_state_and_allowed_baggage_go_through_a_service() {
    let next = Stub::start(Behaviour::Answer(200, "text/plain", String::new())).await;
    let url = service(next.url()).await;
    let answer = reqwest::Client::new()
        .get(url)
        .header("TraceParent", format!("00-{TRACE}-b7ad6b7169203331-02"))
        .header("tracestate", "b=2,, a@b@c=1")
        .header("tracestate", "z=3")
        .header("baggage", "user.email=a%40b.c, tenant.id = 7;p=1")
        .header("baggage", "synthetic=true,x=1")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let received = next.received();
    let [received] = &received[..] else { panic!("{} requests", received.len()) };
    let traceparent = received.header("traceparent").expect("a traceparent");
    assert_eq!((&traceparent[..36], &traceparent[52..]), (&*format!("00-{TRACE}-"), "-02"));
    assert_ne!(&traceparent[36..52], "b7ad6b7169203331", "the caller's id is not handed on as it is");
    assert_eq!(received.header("tracestate"), Some("b=2,a@b@c=1,z=3"));
    assert_eq!(received.header("baggage"), Some("tenant.id=7;p=1,synthetic=true"));
}

#[actix_web::test]
async fn a_repeated_traceparent_begins_a_trace_and_baggage_goes_on_without_one() {
    let next = Stub::start(Behaviour::Answer(200, "text/plain", String::new())).await;
    let url = service(next.url()).await;
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let request = reqwest::Client::new().get(url).header("traceparent", &parent).header("traceparent", &parent);
    let answer = request.header("tracestate", "a=1").header("baggage", "tenant.id=7").send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let received = next.received();
    let traceparent = received[0].header("traceparent").expect("a traceparent");
    assert_ne!(&traceparent[3..35], TRACE);
    assert_eq!(&traceparent[52..], "-03");
    assert_eq!(received[0].header("tracestate"), None);
    assert_eq!(received[0].header("baggage"), Some("tenant.id=7"));
}
