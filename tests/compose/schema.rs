//! Other people's checkers, where they are installed: each says what it found.

use crate::project::checkout;
use std::process::Command;

/// Runs a checker in the checkout. Where it is not installed the test says so and has nothing to fail by.
fn checked(program: &str, installed: &[&str], arguments: &[&str]) {
    let run = |arguments: &[&str]| Command::new(program).args(arguments).current_dir(checkout(".")).output();
    if !run(installed).is_ok_and(|output| output.status.success()) {
        println!("skipped: {program} {} is not there", installed.join(" "));
        return;
    }
    let output = run(arguments).expect("it ran a moment ago");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {}:\n{said}", arguments.join(" "));
}

#[test]
fn docker_compose_reads_it() {
    checked("docker", &["compose", "version"], &["compose", "--profile", "*", "config", "--quiet"]);
}

#[test]
fn it_fits_the_compose_specification() {
    let schema = ["--builtin-schema", "vendor.compose-spec", "docker-compose.yaml"];
    checked("check-jsonschema", &["--version"], &schema);
}

#[test]
fn hadolint_finds_nothing_in_the_dockerfile() {
    checked("hadolint", &["--version"], &["services/Dockerfile"]);
}
