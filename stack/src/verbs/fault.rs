//! `cargo stack fault`: breaks a service on purpose, for those who learn to find what is broken.

mod ask;
mod places;
mod print;

use crate::cli::Context;
use crate::failure::{Failure, Outcome};
use ask::{Ask, Told};
use clap::Subcommand;
use contracts::fault::{Fault, FaultRequest, LONGEST_TIME, USUAL_TIME, in_words, parse_time};
use places::{Place, UrlArgs, named, places};
use std::collections::BTreeMap;
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  FAULTS=1 cargo stack up --detach                 services take faults only so
  cargo stack fault set order.slow=2s              for 60s, unless --for says otherwise
  cargo stack fault set order.errors=30% audit.panic=10% --for 5m
  cargo stack fault list
  cargo stack fault clear

Faults of a service: slow=2s, slow_query=1s, pool_held=8, errors=30%, panic=10%. Each ends by itself.
Five of them to find, with what leads to each: docs/exercises.md";
const SET_EXAMPLES: &str = "Examples:
  cargo stack fault set order.slow=2s --for 60s    each request waits 2s before its handler
  cargo stack fault set order.slow_query=1s        each request has a statement that takes 1s
  cargo stack fault set user.pool_held=8           8 connections are missing from the pool
  cargo stack fault set order.errors=30% audit.panic=10%
  cargo stack fault set fraud.slow=1s --url fraud-service=http://127.0.0.1:15004

A fault that is set again takes the place of the first. All of them are set, or none.";
const CLEAR_EXAMPLES: &str = "Examples:
  cargo stack fault clear            everywhere
  cargo stack fault clear order      what order-service has
  cargo stack fault clear --json";
const LIST_EXAMPLES: &str = "Examples:
  cargo stack fault list
  cargo stack fault list --json | jq -r '.[] | select(.faults != []) | .service'";

/// Break a service on purpose: what is on, where, and for how long still
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Switch faults on; they end by themselves
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// SERVICE.FAULT=VALUE, such as order.slow=2s; one or more
        #[arg(required = true, value_name = "FAULT", value_parser = wanted)]
        faults: Vec<(String, Fault)>,
        /// For how long: 500ms, 20s, 5m, at most 1h
        #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
        r#for: Duration,
        #[command(flatten)]
        urls: UrlArgs,
    },
    /// Show what is on, where, and for how long still
    #[command(after_help = LIST_EXAMPLES)]
    List {
        #[command(flatten)]
        urls: UrlArgs,
    },
    /// End faults now
    #[command(after_help = CLEAR_EXAMPLES)]
    Clear {
        /// The service; without one all of them
        service: Option<String>,
        #[command(flatten)]
        urls: UrlArgs,
    },
}

/// Asks the services, and prints what they say.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let ask = Ask::new()?;
    match args.verb {
        Verb::Set { faults, r#for, urls } => {
            let places = places(&context.state, &urls)?;
            let set = set(&ask, &places, faults, r#for).await?;
            print::on(context, &set, urls.json)?;
        }
        Verb::List { urls } => {
            let places = places(&context.state, &urls)?;
            let (all, silent) = answers(&places, async |place| ask.list(place).await).await?;
            print::on(context, &all, urls.json)?;
            silent?;
        }
        Verb::Clear { service, urls } => {
            let places = places(&context.state, &urls)?;
            let places = match service {
                Some(service) => vec![named(&places, &service)?.clone()],
                None => places,
            };
            let (cleared, silent) = answers(&places, async |place| ask.clear(place).await).await?;
            print::ended(context, &cleared, urls.json)?;
            silent?;
        }
    }
    Ok(0)
}

/// What each of them answers, and the first failure: one that is away keeps nobody from the others.
async fn answers(
    places: &[Place],
    ask: impl AsyncFn(&Place) -> Result<Told, Failure>,
) -> Result<(Vec<Told>, Result<(), Failure>), Failure> {
    let (mut told, mut silent) = (Vec::new(), Ok(()));
    for place in places {
        match ask(place).await {
            Ok(answer) => told.push(answer),
            Err(failure) => silent = silent.and(Err(failure)),
        }
    }
    match (told.is_empty(), silent) {
        (true, Err(failure)) => Err(failure),
        (_, silent) => Ok((told, silent)),
    }
}

/// All of them or none: each service has to agree before the first one is changed.
async fn set(ask: &Ask, places: &[Place], faults: Vec<(String, Fault)>, time: Duration) -> Result<Vec<Told>, Failure> {
    let for_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut requests = BTreeMap::<Place, FaultRequest>::new();
    for (service, fault) in faults {
        let place = named(places, &service)?.clone();
        let request =
            requests.entry(place).or_insert_with(|| FaultRequest { faults: Vec::new(), for_ms, only_check: true });
        request.faults.push(fault.to_string());
    }
    for (place, request) in &requests {
        ask.set(place, request).await?;
    }
    let mut set = Vec::new();
    for (place, request) in requests {
        set.push(ask.set(&place, &FaultRequest { only_check: false, ..request }).await?);
    }
    Ok(set)
}

/// `order.slow=2s`.
fn wanted(text: &str) -> Result<(String, Fault), String> {
    let wrong = || "must be SERVICE.FAULT=VALUE, such as order.slow=2s".to_owned();
    let (service, fault) = text.split_once('.').ok_or_else(wrong)?;
    if service.is_empty() || !fault.contains('=') {
        return Err(wrong());
    }
    Ok((service.to_owned(), fault.parse()?))
}

fn time(text: &str) -> Result<Duration, String> {
    let range = || format!("a time from 1ms to {}, such as {}", in_words(LONGEST_TIME), in_words(USUAL_TIME));
    parse_time(text).filter(|time| *time <= LONGEST_TIME).ok_or_else(range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn a_fault_lasts_a_minute_unless_somebody_says_otherwise() {
        let parsed = |more: &[&str]| {
            let words = [&["stack", "set", "order.slow=2s"], more].concat();
            match Only::try_parse_from(words).unwrap().args.verb {
                Verb::Set { faults, r#for, .. } => (faults, r#for),
                _ => panic!("another verb"),
            }
        };
        let slow = vec![("order".to_owned(), Fault::Slow(Duration::from_secs(2)))];
        assert_eq!(parsed(&[]), (slow.clone(), USUAL_TIME));
        assert_eq!(parsed(&["--for", "1h"]), (slow, LONGEST_TIME));
        assert!(Only::try_parse_from(["stack", "set", "order.slow=2s", "--for", "61m"]).is_err());
    }
}
