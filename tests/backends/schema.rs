//! Every dashboard is one by the types that Grafana publishes (`@grafana/schema`), which is how a mistake is found without a
//! Grafana: it leaves out what it does not know, and draws an empty panel.
//!
//! TypeScript's compiler looks at each dashboard's JSON as at a constant of `tests/dashboards/types.ts`. It and the types
//! come from npm's registry once, in the versions of `tests/dashboards/package-lock.json`, into the cache folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use native::backends::cache_directory;
use native::programs::find;
use native::state::checkout;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::dashboards::files;
use crate::runner::Outcome;

/// 26 MB from a registry, unpacked on a busy machine.
const INSTALLATION_LIMIT: Duration = Duration::from_secs(180);
/// Five dashboards take three seconds on a machine with nothing else to do.
const COMPILATION_LIMIT: Duration = Duration::from_secs(120);
/// How npm says that it did not come to its registry: a proxy's or the registry's own refusal, or a connection's failure.
const NO_REGISTRY: [&str; 8] = [
    "npm error network",
    "npm error code E403",
    "npm error code E407",
    "npm error code E50",
    "npm error code ECONN",
    "npm error code ETIMEDOUT",
    "npm error code EAI_AGAIN",
    "npm error code ERR_SOCKET_TIMEOUT",
];
/// What decides what is installed, and how it is used.
const OURS: [&str; 4] = ["package.json", "package-lock.json", "tsconfig.json", "types.ts"];

/// The types are those of the very Grafana that `.env` names.
pub async fn the_types_are_those_of_the_grafana_that_is_run() {
    let version = version("@grafana/schema");
    let environment = read(".env");
    let image = environment.lines().find_map(|line| line.strip_prefix("GRAFANA_IMAGE=")).expect("an image");
    assert_eq!(image, format!("grafana/grafana:{version}"), "npm install --package-lock-only in tests/dashboards");
}

/// Each dashboard as it stands.
pub async fn every_dashboard_is_one_by_grafanas_published_types() -> Outcome {
    let Some(packages) = packages().await else { return Outcome::Skipped(ABSENT) };
    let dashboards: Vec<_> = files().into_iter().map(|(name, dashboard)| (name, format!("{dashboard:#}"))).collect();
    let said = compile(&packages, &dashboards).await;
    assert_eq!(said, "", "{} dashboards", dashboards.len());
    println!("schema: {} dashboards are as Grafana publishes them", dashboards.len());
    Outcome::Passed
}

/// A dashboard with one mistake, for each kind of mistake.
pub async fn a_mistake_in_a_dashboard_is_found() -> Outcome {
    let Some(packages) = packages().await else { return Outcome::Skipped(ABSENT) };
    let (_, dashboard) = files().into_iter().find(|(name, _)| name == "chain-overview").expect("the first dashboard");
    let mistakes = [
        ("height", "/panels/0/gridPos/h", json!("8")),
        ("variable", "/templating/list/0/type", json!("dropdown")),
        ("panel", "/panels/0/type", json!("graph")),
        ("option", "/panels/0/options/graphMode", json!("areas")),
        ("unknown", "/panels/0/fieldConfig/defaults", json!({"units": "s"})),
        ("line", "/panels/6/fieldConfig/defaults/custom/drawStyle", json!("lines")),
        ("time", "/time", json!({"from": "now-1h"})),
        ("link", "/panels/6/fieldConfig/defaults/links/0/url", json!(null)),
    ];
    let broken = mistakes.iter().map(|(name, place, wrong)| {
        let mut dashboard = dashboard.clone();
        *dashboard.pointer_mut(place).unwrap_or_else(|| panic!("{place} is not there")) = wrong.clone();
        ((*name).to_owned(), format!("{dashboard:#}"))
    });
    let said = compile(&packages, &broken.collect::<Vec<_>>()).await;
    for (name, place, _) in mistakes {
        assert!(said.lines().any(|line| line.starts_with(&format!("{name}.ts("))), "{place} is taken: {said}");
    }
    Outcome::Passed
}

const ABSENT: &str = "needs npm, node, and once npm's registry (@grafana/schema)";

/// The folder that has compiler and types; `None` where they cannot be had.
async fn packages() -> Option<PathBuf> {
    let npm = find("npm").and_then(|npm| find("node").map(|_| npm)).ok()?;
    // Both tests may come here at the same time, and need it once.
    static INSTALLATION: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = INSTALLATION.lock().await;
    let cache = cache_directory().expect("a folder").join("dashboards");
    // With other versions it is another folder.
    let folder = cache.join(format!("schema-{}-typescript-{}", version("@grafana/schema"), version("typescript")));
    if folder.exists() {
        return Some(folder);
    }
    fs::create_dir_all(&cache).expect("our own folder");
    let new = tempfile::tempdir_in(&cache).expect("a folder");
    for file in OURS {
        fs::copy(checkout().join("tests/dashboards").join(file), new.path().join(file)).expect("a copy");
    }
    let mut install = Command::new(npm);
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(new.path());
    let (succeeded, said) = run(install, INSTALLATION_LIMIT).await;
    // Before its version 10 npm shouted.
    let said = said.replace("npm ERR!", "npm error");
    if !succeeded && NO_REGISTRY.iter().any(|words| said.contains(words)) {
        println!("schema: {said}");
        return None;
    }
    assert!(succeeded, "{said}");
    // Whoever else installs it at this moment has the same in it.
    match fs::rename(new.keep(), &folder) {
        Err(_) if folder.exists() => {}
        renamed => renamed.expect("our own folder"),
    }
    Some(folder)
}

/// What the compiler says of these, by name; nothing when all are well.
async fn compile(packages: &Path, dashboards: &[(String, String)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["tsconfig.json", "types.ts"] {
        fs::copy(checkout().join("tests/dashboards").join(file), folder.path().join(file)).expect("a copy");
    }
    symlink(packages.join("node_modules"), folder.path().join("node_modules")).expect("a link");
    for (name, json) in dashboards {
        let text = format!(
            "import type {{ Dashboard }} from './types';\nexport const dashboard = {json} satisfies Dashboard;\n"
        );
        fs::write(folder.path().join(format!("{name}.ts")), text).expect("our own folder");
    }
    let mut compiler = Command::new(find("node").expect("it was here"));
    compiler.arg("node_modules/typescript/bin/tsc").current_dir(folder.path());
    let (succeeded, said) = run(compiler, COMPILATION_LIMIT).await;
    assert_eq!(succeeded, said.is_empty(), "{said}");
    said
}

/// Whether it succeeded, and what it wrote.
async fn run(mut command: Command, limit: Duration) -> (bool, String) {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(limit, output).await;
    let output = output.unwrap_or_else(|_| panic!("it takes longer than {} s", limit.as_secs())).expect("it starts");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// The version of a package that is to be installed.
fn version(package: &str) -> String {
    let packages: Value = serde_json::from_str(&read("tests/dashboards/package.json")).expect("JSON");
    packages["devDependencies"][package].as_str().expect("a version").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(checkout().join(path)).expect("a file")
}
