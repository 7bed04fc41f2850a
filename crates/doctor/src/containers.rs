//! Settings of services that run in containers, as Docker's client tells them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The client asks an engine on this machine twice, and the whole examination may take 15 s.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// Who runs, and of which service of a Compose file it is.
const RUNNING: [&str; 5] = [
    "ps",
    "--filter",
    "label=com.docker.compose.service",
    "--format",
    "{{.ID}} {{.Label \"com.docker.compose.service\"}}",
];
/// What a container was started with: a line, a JSON array of `NAME=value`.
const SETTINGS: [&str; 3] = ["inspect", "--format", "{{json .Config.Env}}"];

/// The variables of each of these services that has one container; of none where there is no engine. Of several containers
/// nobody can say which is meant.
pub async fn settings(docker: &Path, services: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let running = ask(docker, &RUNNING).await.unwrap_or_default();
    let running: Vec<(&str, &str)> = running.lines().filter_map(|line| line.split_once(' ')).collect();
    let only_one = |name: &str| {
        let mut own = running.iter().filter(|(_, service)| service.trim() == name);
        own.next().filter(|_| own.next().is_none()).map(|(id, _)| *id)
    };
    let found: Vec<_> = services.iter().filter_map(|(name, _)| Some((name, only_one(name)?))).collect();
    if found.is_empty() {
        return BTreeMap::new();
    }
    let ids: Vec<_> = found.iter().map(|(_, id)| *id).collect();
    let told = ask(docker, &[&SETTINGS[..], &ids].concat()).await.unwrap_or_default();
    // A line for each, in the order in which they were asked for.
    let each = told.lines().filter_map(|line| serde_json::from_str(line).ok());
    found.into_iter().map(|(name, _)| name.clone()).zip(each).collect()
}

async fn ask(docker: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(docker);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(ANSWER_LIMIT, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// A client that has three containers of two services.
    const CLIENT: &str = r#"#!/bin/sh
case "$1" in
ps) printf '%s\n' 'a1 user-service' 'b2 order-service' 'c3 order-service' ;;
inspect) [ "$4 $5" = "a1 " ] && echo '["PATH=/bin","OTEL_TRACES_EXPORTER=none"]' ;;
esac
"#;

    #[tokio::test]
    async fn the_settings_of_the_one_container_of_a_service_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let docker = folder.path().join("docker");
        fs::write(&docker, CLIENT).unwrap();
        fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
        let services = ["user-service", "order-service", "audit-service"].map(|name| (name.to_owned(), String::new()));
        let found = settings(&docker, &services).await;
        let user = ["PATH=/bin", "OTEL_TRACES_EXPORTER=none"].map(str::to_owned).to_vec();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("user-service".to_owned(), user)]);
        assert!(settings(&folder.path().join("nothing"), &services).await.is_empty());
    }
}
