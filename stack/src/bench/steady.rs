//! Load that goes on when a request is not answered, and counts it: for services that are to be looked at while something
//! is wrong.

use super::generator::{Load, exchange, histogram, write_request};
use crate::failure::Failure;
use hdrhistogram::Histogram;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// An answer that takes longer is none: far above what a busy machine takes, below what a person would wait.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// Where nobody listens, a loop of attempts would take the processors from those who are to listen.
const CONNECT_PAUSE: Duration = Duration::from_millis(100);

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After this time. Where nobody listens, requests are counted as not answered.
    After(Duration),
    /// When nobody listens any longer.
    Gone,
}

/// What came of it.
#[derive(Debug)]
pub struct Tally {
    /// Requests.
    pub sent: u64,
    /// Those of them that were answered with a success.
    pub answered: u64,
    /// In microseconds, of those that were answered.
    pub latency: Histogram<u64>,
    /// Why the first one was not answered.
    pub complaint: Option<String>,
}

/// Load that is under way.
pub struct Steady {
    counts: Arc<Counts>,
    thread: JoinHandle<Result<Tally, Failure>>,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    answered: AtomicU64,
}

impl Steady {
    /// Begins; each connection sends its next request when the last one is answered, and is made anew after so many.
    pub fn begin(load: &Load, end: End, requests_a_connection: u64) -> Self {
        let (load, counts) = (load.clone(), Arc::new(Counts::default()));
        let shared = Arc::clone(&counts);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(all(load, end, requests_a_connection, shared))
        });
        Self { counts, thread }
    }

    /// Requests that were answered so far.
    pub fn answered(&self) -> u64 {
        self.counts.answered.load(Ordering::Relaxed)
    }

    /// Whether it has stopped.
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for its end.
    pub fn finish(self) -> Result<Tally, Failure> {
        self.thread.join().map_err(|_| Failure::failed("the load generator panicked"))?
    }
}

async fn all(load: Load, end: End, requests: u64, counts: Arc<Counts>) -> Result<Tally, Failure> {
    let deadline = match end {
        End::After(time) => Some(Instant::now() + time),
        End::Gone => None,
    };
    let mut tally = Tally { sent: 0, answered: 0, latency: histogram()?, complaint: None };
    let mut connections = tokio::task::JoinSet::new();
    for _ in 0..load.connections {
        connections.spawn(one(load.clone(), deadline, requests, Arc::clone(&counts)));
    }
    while let Some(ended) = connections.join_next().await {
        let (latency, complaint) = ended.map_err(|error| Failure::failed(error.to_string()))??;
        tally.latency.add(latency).map_err(|error| Failure::failed(error.to_string()))?;
        tally.complaint = tally.complaint.or(complaint);
    }
    tally.sent = counts.sent.load(Ordering::Relaxed);
    tally.answered = counts.answered.load(Ordering::Relaxed);
    Ok(tally)
}

/// One connection after another, each with so many requests.
async fn one(
    load: Load,
    deadline: Option<Instant>,
    requests: u64,
    counts: Arc<Counts>,
) -> Result<(Histogram<u64>, Option<String>), Failure> {
    let is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
    let (mut latency, mut complaint) = (histogram()?, None);
    let (mut request, mut answer) = (String::new(), Vec::new());
    while !is_over() {
        let mut stream = match TcpStream::connect(load.target).await {
            Ok(stream) => stream,
            // It has stopped listening, which was waited for.
            Err(_) if deadline.is_none() => break,
            Err(error) => {
                counts.sent.fetch_add(1, Ordering::Relaxed);
                complaint.get_or_insert_with(|| error.to_string());
                tokio::time::sleep(CONNECT_PAUSE).await;
                continue;
            }
        };
        stream.set_nodelay(true)?;
        for _ in 0..requests {
            if is_over() {
                break;
            }
            write_request(&mut request, &load, counts.sent.fetch_add(1, Ordering::Relaxed))?;
            let begun = Instant::now();
            let exchange = exchange(&mut stream, request.as_bytes(), &mut answer);
            let refusal = match tokio::time::timeout(ANSWER_LIMIT, exchange).await {
                Ok(Ok(200..=299)) => {
                    counts.answered.fetch_add(1, Ordering::Relaxed);
                    latency.saturating_record(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX).max(1));
                    continue;
                }
                Ok(Ok(status)) => format!("answered {status}: {}", String::from_utf8_lossy(&answer)),
                Ok(Err(failure)) => failure.message,
                Err(_) => format!("no answer within {} s", ANSWER_LIMIT.as_secs()),
            };
            complaint.get_or_insert(refusal);
            break;
        }
    }
    Ok((latency, complaint))
}

#[cfg(test)]
mod tests {
    use super::super::generator::Request;
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{Ipv4Addr, SocketAddr, TcpListener};

    /// Answers so many connections, each request with the next of these statuses; from the last one on nobody listens.
    fn serve(listener: TcpListener, statuses: &[u16], connections: usize) {
        let mut statuses = statuses.iter();
        let mut listener = Some(listener);
        for number in 1..=connections {
            let mut stream = listener.as_ref().unwrap().accept().unwrap().0;
            if number == connections {
                listener = None;
            }
            for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
                let Some(status) = line.is_empty().then(|| statuses.next()).flatten() else { continue };
                write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nok").unwrap();
            }
        }
    }

    #[test]
    fn what_is_not_answered_is_counted_and_the_load_goes_on_until_nobody_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let load =
            Load { target: listener.local_addr().unwrap(), request: Request::Order, sampled: true, connections: 1 };
        // The second connection ends with its first request, which is refused, the others with their number of requests.
        let server = std::thread::spawn(move || serve(listener, &[200, 201, 500, 200, 200], 3));
        let tally = Steady::begin(&load, End::Gone, 2).finish().unwrap();
        assert_eq!((tally.sent, tally.answered, tally.latency.len()), (5, 4, 4));
        assert_eq!(tally.complaint.as_deref(), Some("answered 500: ok"));
        server.join().unwrap();
    }

    #[test]
    fn where_nobody_listens_requests_are_not_answered() {
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, native::ports::free().unwrap()));
        let load = Load { target, request: Request::Order, sampled: true, connections: 2 };
        let tally = Steady::begin(&load, End::After(Duration::from_millis(1)), 1).finish().unwrap();
        assert!(tally.sent >= 1 && tally.answered == 0 && tally.complaint.is_some(), "{tally:?}");
    }
}
