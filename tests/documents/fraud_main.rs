//! The process of the service that docs/adding-a-service.md builds: compiled here, so that the page cannot go stale.
#![allow(dead_code)]

use testkit::fraud_service;

fn main() -> std::process::ExitCode {
    chassis::run(fraud_service::config, fraud_service::start)
}
