//! What [`super::send`] answers with.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use reqwest::{Error, Response, Result};

use super::call::Observed;

pin_project! {
    /// A request on its way, or one that could not be built: smaller than a future of any answer, since it is moved into every
    /// future around it.
    #[project = OfSent]
    pub(super) enum Sent<F> {
        OnItsWay { #[pin] answer: Observed<F> },
        NotBuilt { error: Option<Error> },
    }
}

impl<F: Future<Output = Result<Response>>> Future for Sent<F> {
    type Output = Result<Response>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            OfSent::OnItsWay { answer } => answer.poll(task),
            // Asked again after its end it never answers, as futures may.
            OfSent::NotBuilt { error } => error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
        }
    }
}
