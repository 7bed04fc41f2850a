//! The end while a batch of the disk is sent, and while the disk is slow.

use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use super::*;
use crate::Config;
use crate::export::queue::Queue;
use crate::export::spool::Spool;
use crate::export::{Exporter, Outlet};

/// Far longer than it takes, as a test's machine may be busy.
const LIMIT: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3_600);

/// One that sends spans of `queue` to `endpoint`, and has all the time that there is.
fn exporter(endpoint: &str, queue: &Arc<Queue>, place: &Place) -> Exporter {
    let lookup = |name: &str| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.to_owned());
    let config = Config::from_lookup("test-service", "1.2.3", &lookup).expect("valid settings");
    let source = Source::Queue { queue: Arc::clone(queue), resource: Arc::from([]) };
    let pace = Pace { every: AN_HOUR, concurrent: 1, attempt_limit: AN_HOUR, patience: AN_HOUR };
    let outlet = Outlet::new(Signal::Traces, &config.traces, source, pace).expect("an endpoint");
    Exporter::start(vec![outlet.with_spool(Some(place.clone()))], &Arc::new(Exports::new())).expect("a thread")
}

fn queue() -> Arc<Queue> {
    let config = Config::from_lookup("test-service", "1.2.3", &|_| None).expect("valid settings");
    Arc::new(Queue::new(config.span_batch))
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().expect("its address"))
}

#[test]
fn the_end_does_not_wait_for_an_answer_to_what_is_on_the_disk() {
    let directory = tempfile::tempdir().expect("a folder");
    let place = Place::new(directory.path(), 10_000);
    let mut left = Spool::open(&place).expect("a spool");
    left.keep(&vec![7; 100].into(), 3).expect("there is room");
    drop(left);
    // It listens, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let exporter = exporter(&url(&silent), &queue(), &place);
    let _under_way = silent.accept().expect("it is sent");
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(exporter.end(AN_HOUR)));
    end.recv_timeout(LIMIT).expect("it has ended").expect("it had not ended before").expect("there was nothing else");
    assert_eq!(Spool::open(&place).expect("a spool").found, 3, "it is still there");
}

/// Says that the disk is waited for, and when it has been.
static SLOW_DISK: OnceLock<(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>)> = OnceLock::new();

fn slow_sync(file: &File) -> io::Result<()> {
    let (begun, go_on) = SLOW_DISK.get().expect("it was set");
    let _ = begun.send(());
    let _ = go_on.lock().expect("nobody panicked").recv();
    file.sync_data()
}

#[test]
fn the_end_waits_for_the_disk_and_not_longer_than_its_limit() {
    let directory = tempfile::tempdir().expect("a folder");
    let place = Place { sync: slow_sync, ..Place::new(directory.path(), 10_000) };
    let ((begun, waits), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel());
    SLOW_DISK.set((begun, Mutex::new(may_go_on))).expect("nobody else has one");
    // It hangs up on everybody.
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = url(&busy);
    std::thread::spawn(move || busy.incoming().for_each(drop));
    let queue = queue();
    queue.push(&Arc::from([]), |span| span.extend_from_slice(&[7; 100]));
    let exporter = exporter(&endpoint, &queue, &place);
    let (told, answers) = mpsc::channel();
    exporter.lanes[0].send(Command::End(Instant::now() + AN_HOUR, told)).expect("it is there");
    waits.recv_timeout(LIMIT).expect("the disk is waited for");
    assert_eq!(answers.try_recv(), Err(mpsc::TryRecvError::Empty), "the disk does not have it yet");
    assert_eq!(queue.account(|| ()).0.outcomes.spool.written, 1);
    // Somebody else who ends it meanwhile is not held up by the disk.
    exporter.end(Duration::ZERO).expect("it had not ended before").expect_err("there is no answer");
    go_on.send(()).expect("it waits");
    answers.recv_timeout(LIMIT).expect("it has ended");
    assert_eq!(Spool::open(&place).expect("a spool").found, 1);
}
