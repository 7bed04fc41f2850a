//! Every alert, for real: a fault, the alert pending, then firing, then resolved.
//!
//! The rules are those of the checkout; only the times that they look back over are shorter, or this would take hours.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use native::backends::{Ports, Settings, prometheus};
use native::process::Plan as ProcessPlan;
use testkit::receiver::{Receiver, Reply};
use tokio::task::JoinSet;

use crate::harness::{Chain, Plan};
use crate::prometheus::Prometheus;
use crate::running::Running;
use crate::set::{Set, Wanted};
use crate::wait::until;

/// What is looked back over, and what instead: at least two exports of the Collector's metrics, which come every 5 s.
const HURRY: [(&str, &str); 11] = [
    ("[5m]", "[12s]"),
    ("[30m]", "[15s]"),
    ("[1h]", "[15s]"),
    ("[6h]", "[20s]"),
    ("[1m]", "[12s]"),
    ("[1m:5s]", "[4s:1s]"),
    ("for: 30s", "for: 2s"),
    ("for: 1m", "for: 2s"),
    ("for: 2m", "for: 2s"),
    ("scrape_interval: 5s", "scrape_interval: 1s"),
    ("evaluation_interval: 5s", "evaluation_interval: 1s"),
];
/// Clients at the same time: more than audit-service has connections, so that some of them wait for one.
const CLIENTS: usize = 20;
/// What a client waits between two requests.
const PAUSE: Duration = Duration::from_millis(400);
/// gRPC's INVALID_ARGUMENT: not to be sent again.
const REFUSED_FOR_GOOD: i32 = 3;

/// One fault after the other, each with the alerts that it is to cause.
pub async fn each_fires_by_its_fault_and_resolves_after_it() {
    let mut set = Set::start(&Wanted::default()).await;
    let _prometheus = Running::start(hurried(&set.settings)).expect("Prometheus starts");
    let api = set.prometheus();
    let variables = vec![
        ("OTEL_METRICS_EXPORTER", "otlp".to_owned()),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "50".to_owned()),
        // So that spans are lost while the test looks.
        ("OTEL_BSP_EXPORT_TIMEOUT", "300".to_owned()),
    ];
    let chain = Arc::new(Plan { variables, endpoint: Some(set.endpoint()), ..Plan::usual().await }.start().await);
    let _clients = clients(&chain);
    until("the rules have what they need", async || {
        let ratio = api.query("gateway:errors:ratio_rate5m").await?;
        ratio.first().filter(|sample| sample.value == 0.0).map(|_| ()).ok_or_else(|| format!("{ratio:?}"))
    })
    .await;
    // Where many programs begin at once, requests may wait at first for what they need.
    until("all is well", async || match firing(&api).await? {
        firing if firing.is_empty() => Ok(()),
        firing => Err(format!("{firing:?}")),
    })
    .await;

    // The last hop cannot write: requests wait for it until they are given up, and others wait for its connections.
    let locked = Locked::table("audit.audit_logs", &chain).await;
    let of_the_lock = [
        "GatewayFailsMuch",
        "GatewayFailsSteadily",
        "GatewayMuchTooSlow",
        "GatewaySteadilySlow",
        "DatabasePoolExhausted",
    ];
    fire(&api, &of_the_lock).await;
    locked.release().await;
    resolve(&api, &of_the_lock).await;

    // The store is away.
    set.stop_observatory().await;
    fire(&api, &["CollectorQueueGrows", "NoTraces"]).await;

    // It is back, and refuses everything for good.
    let refusing = Receiver::start_at(Ports::address(set.settings.ports.observatory_grpc));
    refusing.answer_always(Reply::Grpc(REFUSED_FOR_GOOD, Vec::new()));
    fire(&api, &["CollectorLosesSpans"]).await;
    drop(refusing);
    set.start_observatory().await;
    resolve(&api, &["CollectorQueueGrows", "NoTraces", "CollectorLosesSpans"]).await;

    // The Collector is away, longer than the services wait. They can say so when it is back.
    set.collector.kill();
    fire(&api, &["WatcherDown"]).await;
    set.collector.again().expect("it starts again");
    fire(&api, &["SpansLost"]).await;
    resolve(&api, &["WatcherDown", "SpansLost"]).await;
}

/// Waits until they fire; each was pending before.
async fn fire(api: &Prometheus, alerts: &[&str]) {
    for alert in alerts {
        until("the alert fires", async || {
            let firing = firing(api).await?;
            if firing.iter().any(|name| name == alert) {
                Ok(())
            } else {
                Err(format!("{alert} is not among {firing:?}"))
            }
        })
        .await;
        let pending = format!("count_over_time(ALERTS{{alertname=\"{alert}\",alertstate=\"pending\"}}[10m])");
        let pending = api.query(&pending).await.expect("a query");
        assert!(!pending.is_empty(), "{alert} was never pending");
        println!("alerts: {alert} fires");
    }
}

/// Waits until none of them fires any longer.
async fn resolve(api: &Prometheus, alerts: &[&str]) {
    until("the alerts resolve", async || {
        let firing = firing(api).await?;
        let still: Vec<_> = firing.iter().filter(|name| alerts.contains(&name.as_str())).collect();
        if still.is_empty() { Ok(()) } else { Err(format!("{still:?} fire still")) }
    })
    .await;
}

async fn firing(api: &Prometheus) -> Result<Vec<String>, String> {
    let samples = api.query("ALERTS{alertstate=\"firing\"}").await?;
    Ok(samples.into_iter().filter_map(|mut sample| sample.labels.remove("alertname")).collect())
}

/// Prometheus as it is run, with its files changed after they were written.
fn hurried(settings: &Settings) -> ProcessPlan {
    let folder = settings.directory.join("configuration/prometheus");
    let mut plan = prometheus(settings).expect("it is here");
    let as_usual = plan.spec;
    plan.spec = Box::new(move || {
        let spec = as_usual()?;
        hurry(&folder);
        Ok(spec)
    });
    plan
}

fn hurry(folder: &Path) {
    let files = ["prometheus.yaml", "rules/recording.yaml", "rules/alerts.yaml"].map(|name| folder.join(name));
    let texts = files.each_ref().map(|file| fs::read_to_string(file).expect("it was written"));
    for (time, _) in HURRY {
        assert!(texts.iter().any(|text| text.contains(time)), "{time} is nowhere: the rules have changed");
    }
    for (file, text) in files.iter().zip(texts) {
        let hurried = HURRY.iter().fold(text, |text, (time, instead)| text.replace(time, instead));
        fs::write(file, hurried).expect("our own file");
    }
}

/// Clients that never stop asking; they end when this is dropped.
fn clients(chain: &Arc<Chain>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let chain = Arc::clone(chain);
        clients.spawn(async move {
            loop {
                chain.plain().await;
                tokio::time::sleep(PAUSE).await;
            }
        });
    }
    clients
}

/// A table that nobody else can use.
struct Locked(sqlx::PgConnection);

impl Locked {
    async fn table(table: &str, chain: &Chain) -> Self {
        let mut connection = chain.database.superuser().await;
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut connection).await.expect("the lock");
        Self(connection)
    }

    async fn release(mut self) {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await.expect("the end of the transaction");
    }
}
