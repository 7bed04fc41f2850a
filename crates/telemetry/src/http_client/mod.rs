//! CLIENT spans and request metrics of reqwest, and the trace's context on the wire.
//!
//! [`send`] sends one request:
//!
//! ```
//! # async fn example(client: reqwest::Client) -> reqwest::Result<()> {
//! let answer = telemetry::http_client::send(client.get("http://127.0.0.1:5002/orders")).await?;
//! # Ok(())
//! # }
//! ```
//!
//! With reqwest-middleware, put [`Tracing`] inside of any middleware that retries, so that each try is a span of its own:
//!
//! ```
//! use reqwest_middleware::ClientBuilder;
//!
//! let client = ClientBuilder::new(reqwest::Client::new()) // .with(retries)
//!     .with(telemetry::http_client::Tracing)
//!     .build();
//! ```
//!
//! A span begins before the request is sent and ends at the head of its response. reqwest follows redirects below the
//! middleware: they belong to the one span, whose `url.full` is the URL that was asked for. A call that its caller gives
//! up ends its span with neither status nor error.
//!
//! Source: OpenTelemetry semantic conventions 1.42, "HTTP client" spans and `http.client.request.duration`.

mod attributes;
mod call;
mod reason;
mod sent;

use std::future::Future;
use std::pin::Pin;

use http::Extensions;
use opentelemetry::Context;
use opentelemetry::trace::FutureExt;
use reqwest::{Request, RequestBuilder, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::pipeline::Telemetry;
use call::{Call, Observed, sent_before};
use sent::Sent;

/// Sends a request, makes a CLIENT span of it, and hands the span's context on as `traceparent`: what [`Tracing`] does, without
/// the boxes and copies of a chain of middlewares. The span begins with this function, in the context that is current then.
/// Outside of a traced request, and with telemetry disabled, the request is just sent.
///
/// # Errors
/// reqwest's own.
pub fn send(request: RequestBuilder) -> impl Future<Output = reqwest::Result<Response>> {
    // No `async` function: that would keep the call twice, here and in what it waits for.
    let (client, mut request) = request.build_split();
    let call = request.as_mut().ok().and_then(begun);
    match request {
        // Below reqwest nothing makes spans: nobody asks there for the current one.
        Ok(request) => Sent::OnItsWay { answer: Observed { answer: client.execute(request), call } },
        Err(error) => Sent::NotBuilt { error: Some(error) },
    }
}

/// The call, where there is telemetry.
fn begun(request: &mut Request) -> Option<Box<Call>> {
    if cfg!(feature = "passthrough") {
        return None;
    }
    Context::map_current(|parent| {
        let telemetry = parent.get::<Telemetry>()?;
        Call::begin(telemetry, telemetry.recorder()?, parent, request, 0)
    })
}

/// Makes a CLIENT span of each request, and hands its context on as `traceparent`. Outside of a traced request, and with
/// telemetry disabled, requests pass through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing;

impl Middleware for Tracing {
    // What `async_trait` makes of the trait's method, by hand: a request that passes through is not boxed once more.
    fn handle<'own, 'extensions, 'next, 'all>(
        &'own self,
        mut request: Request,
        extensions: &'extensions mut Extensions,
        next: Next<'next>,
    ) -> Pin<Box<dyn Future<Output = Result<Response>> + Send + 'all>>
    where
        'own: 'all,
        'extensions: 'all,
        'next: 'all,
        Self: 'all,
    {
        let parent = Context::current();
        let found = parent.get::<Telemetry>().and_then(|telemetry| Some((telemetry, telemetry.recorder()?)));
        let Some((telemetry, recorder)) = found else { return next.run(request, extensions) };
        let begun = Call::begin(telemetry, recorder, &parent, &mut request, sent_before(extensions));
        let Some(mut call) = begun else { return next.run(request, extensions) };
        let inside = call.share(&parent);
        let attached = inside.clone().attach();
        let answer = next.run(request, extensions);
        drop(attached);
        Box::pin(Observed { answer: answer.with_context(inside), call: Some(call) })
    }
}
