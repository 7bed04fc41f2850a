//! The order in which a stack starts: what is called before what calls it.

use super::event::Event;
use super::{Supervisor, plans};
use crate::failure::Failure;
use native::postgres::{Durability, Passwords, PreparedCluster};
use native::process::Plan;
use std::time::Duration;

/// A first start migrates; two cores that still finish a build need seconds.
pub const UP_LIMIT: Duration = Duration::from_secs(60);
/// The database of the chain.
pub const DATABASE: &str = "tracechain";

/// Starts everything; returns when all is up, when something is not, or when all is being stopped.
pub fn run(supervisor: &Supervisor) -> Result<(), Failure> {
    let (settings, telemetry) = (&supervisor.settings, &supervisor.telemetry);
    supervisor.events.push(Event::Step { text: "preparing PostgreSQL's files".into() });
    let cluster =
        PreparedCluster::open(&settings.state.join("postgres"), settings.ports.postgres, Durability::Durable)?;
    let passwords = Passwords::load_or_generate(&settings.state.join("role.passwords"))?;
    stage(supervisor, vec![plans::postgres(settings, cluster.clone())])?;
    supervisor.events.push(Event::Step { text: "preparing database, schemas and roles".into() });
    cluster.bootstrap(DATABASE, &passwords)?;
    let mut receivers = vec![plans::observatory(settings)];
    if let Some(backends) = settings.backends() {
        receivers.extend(plans::backends(settings, &backends)?);
        stage(supervisor, receivers)?;
        stage(supervisor, vec![native::backends::collector(&backends)?])?;
    } else {
        stage(supervisor, receivers)?;
    }
    let service = |name| plans::service(settings, telemetry, &cluster, &passwords, name);
    stage(supervisor, ["audit", "order", "user"].map(service).into())?;
    stage(supervisor, vec![plans::gateway(settings, telemetry)?])?;
    stage(supervisor, vec![plans::gateway_spans(settings, telemetry)])
}

/// Starts some processes at once and waits for all of them.
fn stage(supervisor: &Supervisor, plans: Vec<Plan>) -> Result<(), Failure> {
    let started = plans.into_iter().map(|plan| supervisor.add(plan)).collect::<Result<Vec<_>, _>>()?;
    for process in started {
        let up = process.await_up(UP_LIMIT);
        up.map_err(|error| Failure::failed(format!("{error}\nsee: cargo stack logs {}", process.name())))?;
    }
    Ok(())
}
