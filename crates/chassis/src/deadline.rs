//! How much time a request has left.
//!
//! Each service has a cap of its own, and a caller can ask for less: the time that is left travels with the request, so
//! that a service which is put between two others fits without a change to either. It travels as a duration, because the
//! clocks of two machines differ.

use std::future::{Ready, ready};
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

/// The internal header with the time that is left, in whole milliseconds. The gateway strips it from what comes in.
pub const TIME_LEFT: &str = "x-internal-timeout-ms";

/// Kept back from the next hop, for what a hop still has to do when the answer comes: to note it, and to answer in turn.
const RESERVE: Duration = Duration::from_millis(250);

/// The cap where an app has none of its own, such as one that a test puts together: the chain's longest, the user service's.
const DEFAULT_CAP: Duration = Duration::from_secs(8);

/// A request's arrival, and until when it has to be answered. A handler takes it as an argument.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    arrived: Instant,
    until: Instant,
}

/// The service's own cap, found in the app's data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap {
    pub(crate) limit: Duration,
    /// Whether a request may have been kept waiting before its handler by a fault, which has noted when it arrived.
    pub(crate) faults: bool,
}

impl Deadline {
    /// A request that arrives now and has to be answered within `limit`.
    pub fn within(limit: Duration) -> Self {
        let arrived = Instant::now();
        Self { arrived, until: arrived + limit }
    }

    /// Of a request that arrives now: the service's cap, or less where its caller asks for less.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let cap = request.app_data::<Cap>().copied().unwrap_or(Cap { limit: DEFAULT_CAP, faults: false });
        if cap.faults
            && let Some(deadline) = request.extensions().get::<Self>()
        {
            return *deadline;
        }
        let asked = request.headers().get(TIME_LEFT).and_then(|value| value.to_str().ok()?.parse().ok());
        Self::within(asked.map_or(cap.limit, |asked| cap.limit.min(Duration::from_millis(asked))))
    }

    /// Since the request's arrival.
    pub fn elapsed(&self) -> Duration {
        self.arrived.elapsed()
    }

    /// Until it has to be answered; zero when that has passed.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// What the next hop may take; zero when there is no time for one.
    pub fn left_for_next_hop(&self) -> Duration {
        self.left().saturating_sub(RESERVE)
    }
}

impl FromRequest for Deadline {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
