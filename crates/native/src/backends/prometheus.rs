//! Prometheus: a copy of its file with this machine's addresses, its process.

use super::files;
use super::ports::Ports;
use super::program::Program;
use super::settings::Settings;
use crate::process::{Plan, http_answers};
use crate::{Result, state};

/// The name in notices and of its log; its host's name in Compose.
const NAME: &str = "prometheus";
/// The Collector pushes OTLP, Tempo pushes by remote write, and both bring exemplars; docker-compose.yaml has the same.
const SWITCHES: [&str; 3] =
    ["--web.enable-otlp-receiver", "--web.enable-remote-write-receiver", "--enable-feature=exemplar-storage"];

/// How it is run. It is ready when it has read its write-ahead log.
pub fn prometheus(settings: &Settings) -> Result<Plan> {
    let (program, settings) = (Program::Prometheus.find()?, settings.clone());
    let address = Ports::address(settings.ports.prometheus);
    let spec = move || {
        let file = files::write(&settings)?.join("prometheus/prometheus.yaml");
        let data = settings.data(NAME);
        state::create(&data)?;
        Ok(settings.program(NAME, program.clone()).args(SWITCHES).args([
            format!("--config.file={}", file.display()),
            format!("--storage.tsdb.path={}", data.display()),
            format!("--web.listen-address={address}"),
        ]))
    };
    Ok(Plan {
        name: NAME.into(),
        spec: Box::new(spec),
        ready: Some(Box::new(move |_| http_answers(address, "/-/ready"))),
    })
}
