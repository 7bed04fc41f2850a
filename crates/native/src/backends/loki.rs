//! Loki: its variables, its process.

use super::files;
use super::ports::Ports;
use super::program::Program;
use super::settings::Settings;
use crate::process::{Plan, http_answers};
use crate::{Result, state};

/// The name in notices and of its log; its host's name in Compose.
const NAME: &str = "loki";

/// How it is run. It is ready when all of its parts are.
pub fn loki(settings: &Settings) -> Result<Plan> {
    let (program, settings) = (Program::Loki.find()?, settings.clone());
    let address = Ports::address(settings.ports.loki_http);
    let spec = move || {
        let file = files::write(&settings)?.join("loki/loki.yaml");
        let data = settings.data(NAME);
        state::create(&data)?;
        Ok(settings
            .program(NAME, program.clone())
            .args([format!("-config.file={}", file.display()), "-config.expand-env=true".into()])
            .env("LOKI_LISTEN", "127.0.0.1")
            .env("LOKI_HTTP_PORT", settings.ports.loki_http.to_string())
            .env("LOKI_GRPC_PORT", settings.ports.loki_grpc.to_string())
            .env("LOKI_DATA", data.display().to_string()))
    };
    Ok(Plan {
        name: NAME.into(),
        spec: Box::new(spec),
        ready: Some(Box::new(move |_| http_answers(address, "/ready"))),
    })
}
