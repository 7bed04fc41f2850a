//! The next service of the chain.
//!
//! Whoever builds a service takes a message, adds a part, and calls [`Hop::forward`]. Whether there is a next service, and
//! where, is said by `NEXT_SERVICE_URL` alone.

use std::time::Duration;

use contracts::chain::{ChainMessage, ChainReply, Step};
use reqwest::Url;
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use crate::config::{Config, Identity};
use crate::deadline::{Deadline, TIME_LEFT};
use crate::problem::{Kind, Problem};

mod answer;

/// A service that cannot be connected to in this time is away: on one network a connection takes a few milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Idle connections kept to the next service: more than the requests that one service answers at a time.
const IDLE_CONNECTIONS: usize = 64;

/// How long an idle connection is kept: shorter than the server keeps it, so that no request is sent into one that the
/// other side is just closing, whose outcome nobody could tell.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// This service's place in the chain.
#[derive(Clone, Debug)]
pub struct Hop {
    identity: Identity,
    next: Option<Next>,
}

#[derive(Clone, Debug)]
struct Next {
    process: Url,
    client: reqwest::Client,
}

impl Hop {
    /// The place that the configuration gives this service.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        let next = config.next.as_ref().map(Next::new).transpose()?;
        Ok(Self { identity: config.identity.clone(), next })
    }

    /// Hands the message to the next service, and gives back what it answers. At the end of the chain the reply is what
    /// the message has gathered.
    ///
    /// # Errors
    /// 503 when the next service has certainly done nothing, 502 or 504 when that cannot be told; a 4xx of the next
    /// service as it is.
    pub async fn forward(&self, message: ChainMessage, deadline: &Deadline) -> Result<ChainReply, Problem> {
        match &self.next {
            None => Ok(message.into_reply()),
            Some(next) => next.process(&message, deadline).await,
        }
    }

    /// This hop's share of a request.
    pub fn step(&self, deadline: &Deadline) -> Step {
        self.identity.step(deadline)
    }
}

impl Next {
    fn new(base: &Url) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_TIMEOUT)
            // The next service is who the configuration says it is, and nobody that it points to.
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        let mut process = base.clone();
        process.set_path(&format!("{}/process", base.path().trim_end_matches('/')));
        Ok(Self { process, client })
    }

    async fn process(&self, message: &ChainMessage, deadline: &Deadline) -> Result<ChainReply, Problem> {
        let left = deadline.left_for_next_hop();
        let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            return Err(Problem::new(Kind::DeadlineExceeded, "no time was left to call the next service"));
        }
        // The client's own limit, for the whole exchange with the answer's body: the call's span then says that it timed out.
        let request = self.client.post(self.process.clone()).timeout(left);
        let request = request.header(TIME_LEFT, HeaderValue::from(millis)).json(message);
        answer::read(telemetry::http_client::send(request).await).await
    }
}
