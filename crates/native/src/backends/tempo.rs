//! Tempo: its variables, its process.

use super::files;
use super::ports::Ports;
use super::program::Program;
use super::settings::Settings;
use crate::process::{Plan, Signal, http_answers};
use crate::{Result, state};
use std::time::Duration;

/// The name in notices and of its log; its host's name in Compose.
const NAME: &str = "tempo";
/// After SIGTERM it waits 30 s for work that a single one does not have, and may not end at all. A kill loses nothing: what
/// it has taken is in its write-ahead log.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// How it is run. It is ready when all of its parts are.
pub fn tempo(settings: &Settings) -> Result<Plan> {
    let (program, settings) = (Program::Tempo.find()?, settings.clone());
    let address = Ports::address(settings.ports.tempo_http);
    let spec = move || {
        let file = files::write(&settings)?.join("tempo/tempo.yaml");
        let data = settings.data(NAME);
        state::create(&data)?;
        let ports = &settings.ports;
        let mut spec = settings
            .program(NAME, program.clone())
            .args([format!("-config.file={}", file.display()), "-config.expand-env=true".into()])
            .env("TEMPO_LISTEN", "127.0.0.1")
            .env("TEMPO_HTTP_PORT", ports.tempo_http.to_string())
            .env("TEMPO_GRPC_PORT", ports.tempo_grpc.to_string())
            .env("TEMPO_OTLP_GRPC_PORT", ports.tempo_otlp_grpc.to_string())
            .env("TEMPO_OTLP_HTTP_PORT", ports.tempo_otlp_http.to_string())
            .env("TEMPO_DATA", data.display().to_string())
            .env("PROMETHEUS_ENDPOINT", format!("http://{}", Ports::address(ports.prometheus)));
        spec.stop = vec![(Signal::SIGTERM, STOP_LIMIT)];
        // For the same reason: when we die, nobody is left to wait.
        spec.death_signal = Signal::SIGKILL;
        Ok(spec)
    };
    Ok(Plan {
        name: NAME.into(),
        spec: Box::new(spec),
        ready: Some(Box::new(move |_| http_answers(address, "/ready"))),
    })
}
