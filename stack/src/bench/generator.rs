//! A closed loop: each connection sends its next request when the last one is answered. One thread, and of HTTP only what
//! our own services need, so that it takes little of the processors that it shares with them.

use super::message::{Extent, status};
use crate::failure::Failure;
use hdrhistogram::Histogram;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer that takes longer is no answer: the services' own limits are shorter. Long, as callgrind makes everything
/// some fifty times slower.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// Two digits: 1 % of any value, far below what two runs differ by.
const DIGITS: u8 = 2;
/// Rows of the table that is asked for.
pub const ORDERS: u64 = 1_000;

/// What is sent.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where to.
    pub target: SocketAddr,
    /// What each request asks for.
    pub request: Request,
    /// Whether the trace that each request carries is sampled.
    pub sampled: bool,
    /// How many requests are under way at a time.
    pub connections: usize,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `GET /orders/{id}`, each of the orders in turn.
    Order,
    /// `POST /process` with this body.
    Process(&'static str),
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this time.
    Elapsed(Duration),
    /// After this many requests.
    Sent(u64),
}

/// What came of it.
#[derive(Debug)]
pub struct Answers {
    /// Answered requests; any other answer than a success is a failure of the whole run.
    pub count: u64,
    /// From the first request to the last answer.
    pub took: Duration,
    /// In microseconds.
    pub latency: Histogram<u64>,
}

impl Answers {
    /// None yet.
    ///
    /// # Errors
    /// When there is no memory for their latencies.
    pub fn none() -> Result<Self, Failure> {
        Ok(Self { count: 0, took: Duration::ZERO, latency: histogram()? })
    }

    /// Adds those of another load that came after these.
    ///
    /// # Errors
    /// When the latencies cannot be added.
    pub fn add(&mut self, more: &Self) -> Result<(), Failure> {
        self.count += more.count;
        self.took += more.took;
        self.latency.add(&more.latency).map_err(|error| Failure::failed(error.to_string()))
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// In milliseconds.
    pub fn percentile_ms(&self, percentile: f64) -> f64 {
        self.latency.value_at_percentile(percentile) as f64 / 1_000.0
    }
}

/// Sends on a thread of its own, and waits for the end.
///
/// # Errors
/// When a connection breaks, or an answer is no success.
pub fn send(load: &Load, until: Until) -> Result<Answers, Failure> {
    let load = load.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(closed_loop(load, until))
    });
    thread.join().map_err(|_| Failure::failed("the load generator panicked"))?
}

async fn closed_loop(load: Load, until: Until) -> Result<Answers, Failure> {
    let begun = Instant::now();
    let end = match until {
        Until::Elapsed(duration) => (Some(begun + duration), u64::MAX),
        Until::Sent(count) => (None, count),
    };
    let tickets = AtomicU64::new(0);
    let mut answers = Answers::none()?;
    let tickets = std::sync::Arc::new(tickets);
    let mut connections = tokio::task::JoinSet::new();
    for _ in 0..load.connections {
        connections.spawn(connection(load.clone(), end, std::sync::Arc::clone(&tickets)));
    }
    while let Some(latency) = connections.join_next().await {
        let latency = latency.map_err(|error| Failure::failed(error.to_string()))??;
        answers.count += latency.len();
        answers.latency.add(latency).map_err(|error| Failure::failed(error.to_string()))?;
    }
    answers.took = begun.elapsed();
    Ok(answers)
}

async fn connection(
    load: Load,
    (deadline, most): (Option<Instant>, u64),
    tickets: std::sync::Arc<AtomicU64>,
) -> Result<Histogram<u64>, Failure> {
    let mut latency = histogram()?;
    let mut stream = TcpStream::connect(load.target).await?;
    stream.set_nodelay(true)?;
    let (mut request, mut answer) = (String::new(), Vec::new());
    while deadline.is_none_or(|deadline| Instant::now() < deadline) {
        let ticket = tickets.fetch_add(1, Ordering::Relaxed);
        if ticket >= most {
            break;
        }
        write_request(&mut request, &load, ticket)?;
        let begun = Instant::now();
        let exchange = exchange(&mut stream, request.as_bytes(), &mut answer);
        let status = tokio::time::timeout(ANSWER_LIMIT, exchange).await.map_err(|_| {
            Failure::failed(format!("a measured service did not answer within {} s", ANSWER_LIMIT.as_secs()))
        })??;
        if !(200..300).contains(&status) {
            let said = String::from_utf8_lossy(&answer).into_owned();
            return Err(Failure::failed(format!("a measured service answered {status}: {said}")));
        }
        latency.saturating_record(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX).max(1));
    }
    Ok(latency)
}

pub(super) fn histogram() -> Result<Histogram<u64>, Failure> {
    let slowest_us = u64::try_from(ANSWER_LIMIT.as_micros()).unwrap_or(u64::MAX);
    Histogram::new_with_bounds(1, slowest_us, DIGITS).map_err(|error| Failure::failed(format!("histogram: {error}")))
}

/// Every request carries a trace of its own, as behind a gateway. Untraced services get it as well, and ignore it.
pub(super) fn write_request(request: &mut String, load: &Load, ticket: u64) -> Result<(), Failure> {
    request.clear();
    let begun = match load.request {
        Request::Order => write!(request, "GET /orders/{} HTTP/1.1\r\n", ticket % ORDERS + 1),
        Request::Process(body) => write!(
            request,
            "POST /process HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        ),
    };
    let flags = u8::from(load.sampled);
    let trace = ticket + 1;
    let ended = write!(
        request,
        "host: {}\r\nuser-agent: cargo-stack-bench\r\ntraceparent: 00-{trace:032x}-{trace:016x}-{flags:02x}\r\n\r\n",
        load.target
    );
    if let Request::Process(body) = load.request {
        request.push_str(body);
    }
    begun.and(ended).map_err(|error| Failure::failed(error.to_string()))
}

/// Sends one request and reads its answer; `answer` then has the answer's body.
pub(super) async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> Result<u16, Failure> {
    stream.write_all(request).await?;
    answer.clear();
    loop {
        let extent = Extent::of(answer).map_err(Failure::failed)?;
        if let Some(extent) = extent.filter(|extent| answer.len() >= extent.total()) {
            let status = status(answer).ok_or_else(|| Failure::failed("an answer without a status"))?;
            answer.drain(..extent.head);
            return Ok(status);
        }
        if stream.read_buf(answer).await? == 0 {
            return Err(Failure::failed("a measured service closed its connection"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// Answers every request of one connection, and gives back their first lines and their traceparents.
    fn serve(listener: TcpListener) -> Vec<String> {
        let mut stream = listener.accept().unwrap().0;
        let mut seen = Vec::new();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        for line in lines {
            if line.starts_with("GET ") || line.starts_with("traceparent: ") {
                seen.push(line);
            } else if line.is_empty() {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
            }
        }
        seen
    }

    #[test]
    fn every_request_is_sent_once_in_a_trace_of_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || serve(listener));
        let load = Load { target, request: Request::Order, sampled: true, connections: 1 };
        let answers = send(&load, Until::Sent(2)).unwrap();
        let seen = server.join().unwrap();
        assert_eq!((answers.count, answers.latency.len()), (2, 2));
        assert_eq!(
            seen,
            [
                "GET /orders/1 HTTP/1.1",
                "traceparent: 00-00000000000000000000000000000001-0000000000000001-01",
                "GET /orders/2 HTTP/1.1",
                "traceparent: 00-00000000000000000000000000000002-0000000000000002-01",
            ]
        );
    }

    #[test]
    fn answers_of_two_loads_are_those_of_one_after_the_other() {
        let load = |latencies: &[u64], ms| {
            let mut answers = Answers::none().unwrap();
            latencies.iter().for_each(|latency| answers.latency.record(*latency).unwrap());
            answers.count = answers.latency.len();
            answers.took = Duration::from_millis(ms);
            answers
        };
        let mut all = load(&[100], 500);
        all.add(&load(&[300, 300], 500)).unwrap();
        assert_eq!((all.count, all.rate()), (3, 3.0));
        assert!((0.29..0.31).contains(&all.percentile_ms(99.0)), "{}", all.percentile_ms(99.0));
    }

    #[test]
    fn a_latency_is_kept_as_long_as_an_answer_may_take() {
        let mut latency = histogram().unwrap();
        latency.saturating_record(50_000_000);
        assert!((49_000_000..=51_000_000).contains(&latency.max()), "{}", latency.max());
    }
}
