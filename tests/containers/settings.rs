//! What a container with a wrong setting says.

use crate::docker::said;
use crate::runner::Outcome;
use crate::stack::{self, NOT_ASKED_FOR, Stack};

/// A setting of each of our programs with a value that it cannot have.
const WRONG: [(&str, &str, &str); 6] = [
    ("user-service", "WORKERS", "many"),
    ("order-service", "NEXT_SERVICE_URL", "ftp://audit-service"),
    ("audit-service", "DATABASE_PASSWORD_FILE", "/run/secrets/user-service/database-password"),
    ("gateway", "GATEWAY_BODY_BYTES", "some"),
    ("observatory", "OBSERVATORY_MAX_BYTES", "plenty"),
    ("gateway-spans", "GATEWAY_LOG_ROTATE_BYTES", "some"),
];

/// The password of another service is one that cannot be read, too.
pub async fn a_wrong_setting_ends_its_container_with_the_variable_s_name_in_one_line() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    let there = |service: &str| service != "gateway-spans" || stack.native_gateway();
    for (service, variable, value) in WRONG.into_iter().filter(|(service, ..)| there(service)) {
        names(&stack, service, variable, value);
    }
    Outcome::Passed
}

/// An empty one counts as that.
pub async fn a_setting_that_is_missing_is_named_too() -> Outcome {
    let Some(stack) = stack::shared().await else { return Outcome::Skipped(NOT_ASKED_FOR) };
    names(&stack, "user-service", "DATABASE_URL", "");
    Outcome::Passed
}

fn names(stack: &Stack, service: &str, variable: &str, value: &str) {
    let setting = format!("{variable}={value}");
    let run = ["--profile", "*", "run", "--rm", "--no-deps", "--no-TTY", "--env", &setting, service];
    let complaint = said(stack.compose(&run)).expect_err("it should have ended with an error");
    // The first line is the call, which names it as well.
    let line = complaint.lines().skip(1).find(|line| line.contains(variable));
    println!("{setting}: {}", line.unwrap_or_default().trim());
    assert!(line.is_some(), "{service} does not name {variable}: {complaint}");
}
