//! Each container of ours runs a program that there is, and is asked by the same one.

use crate::project::{checkout, list, services, text};

#[test]
fn every_program_that_is_run_is_one_that_is_built() {
    for (name, service) in services().into_iter().filter(|(_, service)| service["image"] == "${TRACECHAIN_IMAGE}") {
        let program =
            list(&service["entrypoint"]).first().or(list(&service["command"]).first()).cloned().unwrap_or_default();
        let manifests =
            ["services/user", "services/order", "services/audit", "services/observatory", "services/oneshot", "stack"];
        let built = manifests
            .iter()
            .any(|folder| text(&format!("{folder}/Cargo.toml")).contains(&format!("name = \"{program}\"")));
        assert!(built, "{name} runs {program}");
        let asked = list(&service["healthcheck"]["test"]);
        assert!(asked.is_empty() || asked == ["CMD", &program, "healthcheck"], "{name}: {asked:?}");
    }
}

#[test]
fn every_folder_that_is_mounted_is_there() {
    for (name, service) in services() {
        for mount in list(&service["volumes"]).iter().filter(|mount| mount.starts_with("./")) {
            let folder = mount.split(':').next().unwrap_or_default();
            assert!(checkout(folder).is_dir(), "{name}: {folder}");
        }
    }
}

/// Files of other folders that a crate takes in are named by their paths below the checkout.
#[test]
fn every_file_that_is_compiled_in_is_sent_to_the_builder() {
    let sent = text("services/Dockerfile.dockerignore");
    let sources = ["backends/files.rs", "backends/program.rs", "nginx/render.rs", "postgres/bootstrap.rs"];
    let mut taken_in = 0;
    for source in sources {
        let source = text(&format!("crates/native/src/{source}"));
        for path in source.split('"').map(|word| word.trim_start_matches("../")).filter(|word| word.contains('/')) {
            let folder = path.split('/').next().unwrap_or_default();
            if folder.is_empty() || !checkout(folder).is_dir() {
                continue;
            }
            assert!(sent.lines().any(|line| line == format!("!{folder}")), "{path} is not sent");
            taken_in += 1;
        }
    }
    assert!(taken_in > 5, "only {taken_in} were looked at");
}
