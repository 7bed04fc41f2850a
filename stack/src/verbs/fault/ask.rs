//! Asking a service on its private port.

use super::places::Place;
use crate::failure::Failure;
use contracts::fault::{FaultList, FaultRequest};
use reqwest::{Client, RequestBuilder};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// A service answers at once; ending `pool_held` waits for nobody.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// An HTTP client.
pub struct Ask(Client);

/// What a service says.
#[derive(Serialize)]
pub struct Told {
    /// What is, or was, on.
    #[serde(flatten)]
    pub list: FaultList,
    /// Where it was asked.
    pub url: String,
}

impl Ask {
    pub fn new() -> Result<Self, Failure> {
        let client = Client::builder().timeout(ANSWER_LIMIT).no_proxy().build();
        client.map(Self).map_err(|error| Failure::failed(format!("HTTP client: {error}")))
    }

    /// What is on.
    pub async fn list(&self, place: &Place) -> Result<Told, Failure> {
        answer(place, self.0.get(faults(place))).await
    }

    /// Switches faults on; what is on then.
    pub async fn set(&self, place: &Place, request: &FaultRequest) -> Result<Told, Failure> {
        answer(place, self.0.post(faults(place)).json(request)).await
    }

    /// Ends all of them; what was on.
    pub async fn clear(&self, place: &Place) -> Result<Told, Failure> {
        answer(place, self.0.delete(faults(place))).await
    }
}

fn faults(place: &Place) -> String {
    format!("{}/faults", place.url)
}

async fn answer(place: &Place, request: RequestBuilder) -> Result<Told, Failure> {
    let Place { service, url } = place;
    // A published port of a container takes the connection, and closes it when nobody listens in there.
    let away = |error: reqwest::Error| {
        if error.is_timeout() {
            let seconds = ANSWER_LIMIT.as_secs();
            return Failure::cannot(format!("{service} does not answer at {url} within {seconds} s"));
        }
        Failure::cannot(format!(
            "{service} takes no faults at {url}; switch them on with: FAULTS=1 cargo stack up, in containers FAULTS=1 \
             docker compose up -d"
        ))
    };
    let response = request.send().await.map_err(away)?;
    let succeeded = response.status().is_success();
    let body = response.bytes().await.map_err(away)?;
    if !succeeded {
        return Err(Failure::cannot(format!("{service}: {}", refusal(&body))));
    }
    let list: FaultList = serde_json::from_slice(&body)
        .map_err(|_| Failure::cannot(format!("{url} answers, and is not where {service} takes faults")))?;
    if list.service != *service {
        return Err(Failure::cannot(format!("{url} is where {} takes faults, not {service}", list.service)));
    }
    Ok(Told { list, url: url.clone() })
}

/// What a problem says is wrong, part by part.
fn refusal(body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = problem["errors"].as_array().into_iter().flatten();
    let errors: Vec<_> = errors.filter_map(|error| error["detail"].as_str()).collect();
    match errors.is_empty() {
        true => problem["detail"].as_str().unwrap_or("it refuses without a reason").to_owned(),
        false => errors.join("; "),
    }
}
