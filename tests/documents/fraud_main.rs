//! The process of the service that docs/adding-a-service.md builds: compiled here, so that the page cannot go stale.
#![allow(dead_code)]

use testkit::fraud_service;

struct Settings(chassis::Config);

impl AsRef<chassis::Config> for Settings {
    fn as_ref(&self) -> &chassis::Config {
        &self.0
    }
}

fn main() -> std::process::ExitCode {
    let config = |environment| fraud_service::config(environment).map(Settings);
    chassis::run(config, async |settings: Settings| fraud_service::start(settings.0).await)
}
