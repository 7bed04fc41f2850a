//! Makes spans at a steady rate, and says what became of them: `bench-spans SPANS_PER_SECOND SECONDS`.

#[path = "bench-traced/config.rs"]
mod config;

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use telemetry::Telemetry;
use telemetry::measuring::{self, Context, KeyValue, Span, SpanKind};

/// Spans are made in small groups, as requests come.
const GROUP_EVERY: Duration = Duration::from_millis(5);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (Some(Ok(rate)), Some(Ok(seconds))) = (arguments.next(), arguments.next()) else {
        return Err("usage: SPANS_PER_SECOND SECONDS".into());
    };
    let telemetry = Telemetry::start(&config::telemetry(env!("CARGO_PKG_NAME"))?)?;
    let made = make(&telemetry, rate, Duration::from_secs(seconds))?;
    let ended = telemetry.shutdown();
    // What was lost is told below; the ledger has it as well.
    if let Err(error) = ended {
        eprintln!("{error}");
    }
    println!("made {made}");
    println!("{}", telemetry.metrics().to_text(telemetry.service_name(), env!("CARGO_PKG_VERSION")));
    Ok(())
}

/// Makes as many spans as are due until the time is over, however late the thread is woken.
fn make(telemetry: &Telemetry, rate: u64, time: Duration) -> Result<u64, Box<dyn Error>> {
    let begun = Instant::now();
    let mut made = 0;
    while begun.elapsed() < time {
        let due = (begun.elapsed().as_secs_f64() * rate as f64) as u64;
        for _ in made..due {
            let span = measuring::begin(telemetry, &Context::new(), "work", SpanKind::Internal);
            let mut span = span.ok_or("telemetry is disabled")?;
            span.set_attributes([KeyValue::new("item.sku", "book"), KeyValue::new("item.quantity", 2)]);
            span.end();
        }
        made = due;
        thread::sleep(GROUP_EVERY);
    }
    Ok(made)
}
