//! Sending at a rate. Latency counts from when a request was due, so that a stall of the chain is seen by all
//! requests it held up (no coordinated omission).

use super::checks::Checks;
use super::report::Report;
use crate::failure::Failure;
use crate::traces::Wanted;
use indicatif::ProgressBar;
use reqwest::Client;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};

/// Below the gateway's limit of connections from one address (512), above what 200/s hold at a second each.
const MOST_IN_FLIGHT: usize = 256;
/// Longer than the gateway's own limit (10 s), so that its 504 is seen and not our timeout.
const ANSWER_LIMIT: Duration = Duration::from_secs(12);
/// Results wait here while a line of progress is drawn.
const RESULTS: usize = 1_024;

/// What is sent.
pub struct Load {
    /// Where to.
    pub url: String,
    /// Requests a second.
    pub rate: f64,
    /// For how long.
    pub duration: Duration,
    /// The JSON body.
    pub body: &'static str,
}

impl Load {
    /// How many requests that makes, at least one.
    pub fn count(&self) -> u64 {
        // Saturating: a rate beyond reason is refused where it is parsed.
        ((self.rate * self.duration.as_secs_f64()).round() as u64).max(1)
    }
}

/// One answer, or none.
pub(super) struct Sample {
    pub latency: Duration,
    pub outcome: Result<(), String>,
    pub trace: Option<Wanted>,
}

/// Sends everything, reports what came back; trace ids go to `checks` as they come.
pub async fn run(load: &Load, checks: Option<&Checks>, bar: &ProgressBar) -> Result<Report, Failure> {
    let client = Client::builder().timeout(ANSWER_LIMIT).no_proxy().pool_max_idle_per_host(MOST_IN_FLIGHT).build();
    let client = client.map_err(|error| Failure::failed(format!("HTTP client: {error}")))?;
    let (results, mut inbox) = mpsc::channel(RESULTS);
    let sender = tokio::spawn(send_all(client, load.url.clone(), load.body, (load.rate, load.count()), results));
    let mut report = Report::begin()?;
    while let Some(sample) = inbox.recv().await {
        if let (Some(checks), Some(trace), Ok(())) = (checks, &sample.trace, &sample.outcome) {
            checks.add(trace.clone());
        }
        report.add(sample);
        bar.inc(1);
        bar.set_message(format!("{} errors", report.errors()));
    }
    let late = sender.await.map_err(|error| Failure::failed(format!("sending ended early: {error}")))?;
    report.end(late);
    Ok(report)
}

/// Sends when due; says how many could not leave in time because too many were in flight.
async fn send_all(
    client: Client,
    url: String,
    body: &'static str,
    (rate, count): (f64, u64),
    results: mpsc::Sender<Sample>,
) -> u64 {
    let room = Arc::new(Semaphore::new(MOST_IN_FLIGHT));
    let begun = Instant::now();
    let mut held_back = 0;
    for number in 0..count {
        let due = begun + Duration::from_secs_f64(number as f64 / rate);
        sleep_until(due).await;
        if room.available_permits() == 0 {
            held_back += 1;
        }
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        let (client, url, results) = (client.clone(), url.clone(), results.clone());
        tokio::spawn(async move {
            let (outcome, trace) = send_one(&client, &url, body).await;
            let latency = due.elapsed();
            drop(permit);
            let _ = results.send(Sample { latency, outcome, trace }).await;
        });
    }
    held_back
}

async fn send_one(client: &Client, url: &str, body: &'static str) -> (Result<(), String>, Option<Wanted>) {
    let request = client.post(url).header("content-type", "application/json").body(body);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return (Err(kind(&error).into()), None),
    };
    let trace_id = answer.headers().get("x-trace-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let status = answer.status();
    let (outcome, body) = match answer.bytes().await {
        Err(error) => (Err(kind(&error).into()), Default::default()),
        Ok(body) if !status.is_success() => (Err(format!("HTTP {}", status.as_u16())), body),
        Ok(body) => (Ok(()), body),
    };
    (outcome, trace_id.and_then(|id| Wanted::of_answer(&id, &body).ok()))
}

fn kind(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_body() || error.is_decode() {
        "answer cut off"
    } else {
        "connection broken"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that holds back the first answer until the second request has come: a closed loop would wait
    /// for ever, an open one does not.
    #[tokio::test]
    async fn a_slow_answer_holds_up_no_later_request_and_errors_are_counted_by_kind() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let mut first = listener.accept().unwrap().0;
            let mut second = listener.accept().unwrap().0;
            for (stream, status) in [(&mut second, "503 Unavailable"), (&mut first, "200 OK")] {
                let _ = stream.read(&mut [0; 2048]).unwrap();
                write!(stream, "HTTP/1.1 {status}\r\nx-trace-id: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .unwrap();
            }
        });
        let load = Load { url, rate: 200.0, duration: Duration::from_millis(10), body: "{}" };
        let report = run(&load, None, &ProgressBar::hidden()).await.unwrap();
        server.join().unwrap();
        assert_eq!((report.sent(), report.errors()), (2, 1));
        assert!(report.text().contains("HTTP 503"), "{}", report.text());
    }

    #[test]
    fn a_rate_and_a_duration_make_a_number_of_requests() {
        let load = |rate, seconds| Load { url: String::new(), rate, duration: Duration::from_secs(seconds), body: "" };
        assert_eq!(load(200.0, 20).count(), 4_000);
        assert_eq!(load(0.1, 1).count(), 1);
    }
}
