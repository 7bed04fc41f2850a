//! Where the services of a stack are asked for faults.

use crate::client::Client;
use crate::failure::Failure;
use crate::settings::{Settings, USUAL_FAULT_PORTS};
use std::path::Path;

/// What all three verbs take.
#[derive(clap::Args)]
pub struct UrlArgs {
    /// Where a service takes faults, such as order-service=http://127.0.0.1:15002; once for each [default: the stack that
    /// runs here, natively or in containers]
    #[arg(long, value_name = "NAME=URL", value_parser = given)]
    url: Vec<Place>,
    /// An array of {service, url, faults}
    #[arg(long)]
    pub json: bool,
}

/// A service, and where it takes faults.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `service.name`.
    pub service: String,
    /// `http://host:port`.
    pub url: String,
}

fn given(text: &str) -> Result<Place, String> {
    let (service, url) = text.split_once('=').ok_or("must be NAME=URL")?;
    if !url.starts_with("http://") {
        return Err("the URL must begin with http://".to_owned());
    }
    Ok(Place { service: service.to_owned(), url: url.trim_end_matches('/').to_owned() })
}

/// Those that are given and no others; else those of the stack that runs from this state directory, else those that
/// docker-compose.yaml publishes.
pub fn places(state: &Path, args: &UrlArgs) -> Result<Vec<Place>, Failure> {
    if !args.url.is_empty() {
        return Ok(args.url.clone());
    }
    let ports = match Client::find(state) {
        Some(client) => client.status()?.settings.ports.faults.ok_or_else(switched_off)?,
        None => USUAL_FAULT_PORTS,
    };
    let place = |(service, port)| Place { service: str::to_owned(service), url: Settings::url(port) };
    Ok(ports.by_service().map(place).into())
}

fn switched_off() -> Failure {
    Failure::cannot(
        "the stack that runs here takes no faults; switch them on with: cargo stack down; FAULTS=1 cargo stack up --detach",
    )
}

/// The service of this name; `order` is short for `order-service`.
pub fn named<'p>(places: &'p [Place], service: &str) -> Result<&'p Place, Failure> {
    let whole = format!("{service}-service");
    places.iter().find(|place| place.service == service || place.service == whole).ok_or_else(|| {
        let names: Vec<_> = places.iter().map(|place| place.service.as_str()).collect();
        Failure::cannot(format!("there is no service named {service:?}; there are {}", names.join(", ")))
    })
}
