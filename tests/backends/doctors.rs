//! The doctor finds nothing where all is well, and names the right place in each of eight broken set-ups.

use std::fs;

use ::doctor::{Finding, Places, Report, State, examine};
use native::backends::{Ports, Program, Settings, prometheus, tempo};
use native::nginx::{GatewayConfig, Sampler};
use native::process::Plan as ProcessPlan;
use testkit::receiver::{Receiver, Reply};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::harness::{Chain, Plan, url};
use crate::runner::has;
use crate::running::Running;
use crate::set::{Set, Wanted};
use crate::wait::until;
use crate::world;

/// gRPC's INVALID_ARGUMENT: not to be sent again.
const REFUSED_FOR_GOOD: i32 = 3;
/// A machine whose clock has stood still for long.
const OLD: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

/// Everything that there is works, where all is well.
pub async fn nothing_is_found_where_all_is_well() {
    let world = world::everything_kept().await;
    let mut places = places(&world.set, &world.chain);
    places.prometheus = Some(url(Ports::address(world.set.settings.ports.prometheus)));
    places.tempo = has(Program::Tempo).then(|| url(Ports::address(world.set.settings.ports.tempo_http)));
    until("the doctor finds nothing", async || {
        let report = seen(&places).await;
        if report.is_healthy() { Ok(()) } else { Err(format!("{:#?}", report.findings)) }
    })
    .await;
}

/// The Collector is down.
pub async fn a_collector_that_is_down_is_named() {
    let mut set = Set::start(&Wanted::default()).await;
    let chain = plan(&set).await.start().await;
    set.collector.kill();
    let named = [
        ("user-service, export", "does not answer either: start it"),
        ("otel-collector", "start it"),
        ("observatory", "the cause is above"),
    ];
    expect(&places(&set, &chain), &named).await;
}

/// The services send to somebody else.
pub async fn a_wrong_endpoint_is_named() {
    let set = Set::start(&Wanted::default()).await;
    let nobody = format!("http://127.0.0.1:{}", Ports::free().expect("free ports").collector_http);
    let chain = Plan { endpoint: Some(nobody), ..plan(&set).await }.start().await;
    let named = ("user-service, export", "OTEL_EXPORTER_OTLP_ENDPOINT of user-service names somebody else");
    expect(&places(&set, &chain), &[named]).await;
}

/// The store refuses what the Collector hands on.
pub async fn a_store_that_refuses_is_named() {
    let mut set = Set::start(&Wanted::default()).await;
    let chain = plan(&set).await.start().await;
    let mut places = places(&set, &chain);
    // Another store that answers, and has nothing.
    places.observatory = Some(url(chain.backend.server().http_addr()));
    set.stop_observatory().await;
    let refusing = Receiver::start_at(Ports::address(set.settings.ports.observatory_grpc));
    refusing.answer_always(Reply::Grpc(REFUSED_FOR_GOOD, Vec::new()));
    let report = expect(&places, &[("otel-collector", "that store refuses")]).await;
    assert!(failed(&report)[0].seen.contains("otlp_grpc/tempo"), "{report:#?}");
}

/// Tempo makes no metrics of what it stores.
pub async fn a_generator_that_is_off_is_named() {
    let mut set = Set::start(&Wanted { prometheus: true, tempo: true, ..Wanted::default() }).await;
    let file = set.settings.directory.join("configuration/tempo/tempo.yaml");
    let off = changed(tempo(&set.settings).expect("it is here"), move || {
        let text = fs::read_to_string(&file).expect("it was written");
        let off = text.replace("processors: [service-graphs, span-metrics]", "processors: []");
        assert_ne!(off, text, "the file has changed");
        fs::write(&file, off).expect("our own file");
    });
    set.tempo.as_mut().expect("it runs").kill();
    let _tempo = Running::start(off).expect("Tempo starts");
    let chain = plan(&set).await.start().await;
    let mut places = places(&set, &chain);
    places.tempo = Some(url(Ports::address(set.settings.ports.tempo_http)));
    places.prometheus = Some(url(Ports::address(set.settings.ports.prometheus)));
    expect(&places, &[("tempo, generator", "metrics_generator.processors")]).await;
}

/// Prometheus keeps no exemplars.
pub async fn exemplars_that_are_off_are_named() {
    let set = Set::start(&Wanted::default()).await;
    let _prometheus = Running::start(without_exemplars(&set.settings)).expect("Prometheus starts");
    let chain = plan(&set).await.start().await;
    let mut places = places(&set, &chain);
    places.prometheus = Some(url(Ports::address(set.settings.ports.prometheus)));
    expect(&places, &[("exemplars", "--enable-feature=exemplar-storage")]).await;
}

/// A service's clock is wrong. Something else answers in its place: no process of this machine has another clock.
pub async fn a_clock_that_is_wrong_is_named() {
    let set = Set::start(&Wanted::default()).await;
    let chain = plan(&set).await.start().await;
    let mut places = places(&set, &chain);
    places.services[1].1 = old_answers().await;
    expect(&places, &[("order-service, clock", "NTP")]).await;
}

/// Nothing is sampled.
pub async fn a_sampler_at_zero_is_named() {
    let set = Set::start(&Wanted::default()).await;
    let off = |config: &mut GatewayConfig| config.sampler = Sampler::parse("always_off", None).expect("known");
    let chain = Plan { gateway: off, ..plan(&set).await }.start().await;
    expect(&places(&set, &chain), &[("user-service, sampling", "OTEL_TRACES_SAMPLER")]).await;
}

/// A service does not know who comes next.
pub async fn a_chain_that_ends_too_early_is_named() {
    let set = Set::start(&Wanted::default()).await;
    let chain = Plan { instead_of_audit: Some(String::new()), ..plan(&set).await }.start().await;
    let named = ("chain", "set NEXT_SERVICE_URL of order-service to the address of audit-service");
    let report = expect(&places(&set, &chain), &[named]).await;
    assert_eq!(failed(&report).len(), 1, "what there is of the trace is whole: {report:#?}");
}

async fn plan(set: &Set) -> Plan {
    let variables =
        vec![("OTEL_METRICS_EXPORTER", "otlp".to_owned()), ("OTEL_METRIC_EXPORT_INTERVAL", "1000".to_owned())];
    Plan { variables, endpoint: Some(set.endpoint()), ..Plan::usual().await }
}

fn places(set: &Set, chain: &Chain) -> Places {
    let service = |name: &str, server: &chassis::Server| (name.to_owned(), url(server.address()));
    Places {
        gateway: url(chain.gateway.address),
        services: vec![
            service("user-service", &chain.user),
            service("order-service", &chain.order),
            service("audit-service", &chain.audit),
        ],
        collector: Some(url(Ports::address(set.settings.ports.collector_metrics))),
        observatory: set.observatory.as_ref().map(|backend| url(backend.server().http_addr())),
        ..Places::default()
    }
}

async fn seen(places: &Places) -> Report {
    examine(places, &native::state::checkout()).await
}

fn failed(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.state == State::Failed).collect()
}

/// These parts have failed, each with this advice; the report that says so. On a machine that stands still for a moment, a
/// service that is well may not answer the doctor in time: it is asked again.
async fn expect(places: &Places, named: &[(&str, &str)]) -> Report {
    until("the doctor names it", async || {
        let report = seen(places).await;
        let advised = |(part, advice): &(&str, &str)| {
            let found = failed(&report).into_iter().find(|finding| finding.part == *part);
            found.and_then(|finding| finding.advice.as_deref()).is_some_and(|given| given.contains(advice))
        };
        match named.iter().find(|named| !advised(named)) {
            Some((part, advice)) => Err(format!("{part}, {advice:?}: {report:#?}")),
            None => Ok(report),
        }
    })
    .await
}

/// A program as it is run, with its files changed after they were written.
fn changed(mut plan: ProcessPlan, change: impl Fn() + Send + Sync + 'static) -> ProcessPlan {
    let as_usual = plan.spec;
    plan.spec = Box::new(move || {
        let spec = as_usual()?;
        change();
        Ok(spec)
    });
    plan
}

fn without_exemplars(settings: &Settings) -> ProcessPlan {
    let mut plan = prometheus(settings).expect("it is here");
    let as_usual = plan.spec;
    plan.spec = Box::new(move || {
        let mut spec = as_usual()?;
        let before = spec.args.len();
        spec.args.retain(|argument| argument != "--enable-feature=exemplar-storage");
        assert_eq!(spec.args.len() + 1, before, "the switch has another name");
        Ok(spec)
    });
    plan
}

/// Something that answers everything with 200 and an old date; says where.
async fn old_answers() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // What is not read would break the answer off.
            let _ = stream.read(&mut [0; 4096]).await;
            let answer = format!("HTTP/1.1 200 OK\r\nDate: {OLD}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url(address)
}
