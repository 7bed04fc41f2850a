//! The middleware itself: one pass for span and metrics, without a heap allocation of its own.

use std::cell::OnceCell;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use pin_project_lite::pin_project;

use super::exchange::Exchange;
use super::resource::Resource;
use crate::pipeline::Telemetry;

/// Makes a SERVER span of each request to the resource that it wraps. The [`Telemetry`] is found in the app's data; without
/// one, or with it disabled, requests pass through.
#[derive(Clone, Copy, Debug)]
pub struct Traced {
    route: Option<&'static str>,
    asks_for_route: bool,
}

impl Traced {
    /// For the resource with this path template, which becomes `http.route`.
    pub fn route(template: &'static str) -> Self {
        Self { route: Some(template), asks_for_route: false }
    }

    /// For the default service: no `http.route`, the span is named by its method alone.
    pub fn unmatched() -> Self {
        Self { route: None, asks_for_route: false }
    }

    /// For a whole app or scope at once: the route is asked for when the request has been answered.
    ///
    /// That is convenient, and has a price. actix-web matches the path a second time (about 7,000 instructions a
    /// request); samplers and what runs inside see the method alone as the span's name; and a request that panics has no
    /// route. [`Traced::route`] has none of these.
    pub fn whole_app() -> Self {
        Self { route: None, asks_for_route: true }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Traced
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = TracedMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(TracedMiddleware { service: Rc::new(service), traced: *self, resource: OnceCell::new() }))
    }
}

/// What [`Traced`] makes of a service.
#[derive(Debug)]
pub struct TracedMiddleware<S> {
    service: Rc<S>,
    traced: Traced,
    /// An app's data does not change once it serves: what the first request finds there holds for all.
    resource: OnceCell<Option<Rc<Resource>>>,
}

impl<S> TracedMiddleware<S> {
    fn resource(&self, request: &ServiceRequest) -> Option<&Rc<Resource>> {
        let Traced { route, asks_for_route } = self.traced;
        let find = || request.app_data::<Telemetry>().and_then(|found| Resource::new(found, route, asks_for_route));
        self.resource.get_or_init(|| find().map(Rc::new)).as_ref()
    }
}

impl<S, B> Service<ServiceRequest> for TracedMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = TracedFuture<S>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.resource(&request).map(|resource| Exchange::begin(resource, &request)) {
            Some(exchange) => {
                let asked = Some((Rc::clone(&self.service), request));
                TracedFuture { stage: Stage::Asked { asked }, exchange: Some(exchange) }
            }
            None => TracedFuture { stage: Stage::Answering { answer: self.service.call(request) }, exchange: None },
        }
    }
}

pin_project! {
    /// An answer in the making, and the exchange that it belongs to; without one it passes through.
    pub struct TracedFuture<S: Service<ServiceRequest>> {
        #[pin]
        stage: Stage<S>,
        exchange: Option<Exchange>,
    }
}

pin_project! {
    // One after the other in the same place: a future is moved into others until it is polled.
    #[project = OfStage]
    enum Stage<S: Service<ServiceRequest>> {
        // Whom to ask, and for what. It is asked at the first poll, where the span is current already: what inner middlewares do
        // before their first await belongs to the span, too.
        Asked { asked: Option<(Rc<S>, ServiceRequest)> },
        Answering { #[pin] answer: S::Future },
    }
}

impl<S, B> Future for TracedFuture<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Output = Result<ServiceResponse<B>, Error>;

    fn poll(self: Pin<&mut Self>, task: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let running = EndsWithPanic(this.exchange);
        let attached = running.0.as_ref().map(|running| running.context.clone().attach());
        if let OfStage::Asked { asked } = this.stage.as_mut().project()
            && let Some((service, request)) = asked.take()
        {
            this.stage.set(Stage::Answering { answer: service.call(request) });
        }
        // It is in this stage from here on.
        let OfStage::Answering { answer } = this.stage.as_mut().project() else { return Poll::Pending };
        let mut polled = answer.poll(task);
        drop(attached);
        // The answer stays where it is: it is large.
        if let Poll::Ready(result) = &mut polled
            && let Some(running) = running.0.take()
        {
            if let Ok(response) = &mut *result {
                running.sign(response.headers_mut());
            }
            running.end(result);
        }
        polled
    }
}

/// When the handler panics, the exchange is dropped on the way, and knows why.
struct EndsWithPanic<'a>(&'a mut Option<Exchange>);

impl Drop for EndsWithPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.take();
        }
    }
}
