//! What the next service's answer, or its silence, means for our own caller.

use contracts::chain::ChainReply;
use reqwest::{Error, Response, StatusCode};

use crate::problem::{Kind, Problem, ProblemBody};

/// The largest answer in bytes: what the largest message can grow to on its way, several times over.
const MOST_ANSWER_BYTES: usize = 1024 * 1024;

pub(super) async fn read(result: Result<Response, Error>) -> Result<ChainReply, Problem> {
    let response = result.map_err(unanswered)?;
    let status = response.status();
    let body = collect(response).await?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| {
            // Where it broke, and not serde's own words: those can repeat what was sent.
            let reason = format!("{:?} at line {}, column {}", error.classify(), error.line(), error.column());
            Problem::new(Kind::BadUpstreamResponse, "the next service's answer cannot be read").because(reason)
        });
    }
    Err(refused(status, serde_json::from_slice(&body).ok()))
}

/// No answer at all. A connection that was never made has carried nothing; any other may have.
fn unanswered(error: Error) -> Problem {
    let problem = if error.is_connect() {
        Problem::new(Kind::DependencyUnavailable, "the next service cannot be reached; nothing was done there")
    } else if error.is_timeout() {
        silent()
    } else {
        Problem::new(Kind::OutcomeUnknown, "the connection to the next service was lost")
    };
    problem.because(error)
}

fn silent() -> Problem {
    Problem::new(Kind::OutcomeUnknown, "the next service did not answer in time")
}

/// The next service's refusal, as our own answer: what it says of the request is for the caller to mend.
fn refused(status: StatusCode, body: Option<ProblemBody>) -> Problem {
    let Some(body) = body else {
        return Problem::new(Kind::BadUpstreamResponse, "the next service's answer cannot be read")
            .because(format!("status {status} without a problem"));
    };
    // A 404 is what a wrong NEXT_SERVICE_URL gives: nothing that the caller could mend. A code has to fit its status, for the
    // status says whether anything was done.
    let passed_on = matches!(status.as_u16(), 409 | 422 | 502 | 503 | 504);
    let kind = Kind::from_code(&body.code).filter(|kind| passed_on && kind.status().as_u16() == status.as_u16());
    let because = format!("{} answered {status} {}", body.service, body.code);
    let problem = match kind {
        Some(kind) => Problem { errors: body.errors, ..Problem::new(kind, body.detail) },
        None if status == StatusCode::SERVICE_UNAVAILABLE => Problem::new(Kind::DependencyUnavailable, body.detail),
        None => Problem::new(Kind::BadUpstreamResponse, "the next service failed"),
    };
    problem.because(because)
}

async fn collect(mut response: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() <= MOST_ANSWER_BYTES => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Err(Problem::new(Kind::BadUpstreamResponse, "the next service's answer is too large"));
            }
            Err(error) if error.is_timeout() => return Err(silent().because(error)),
            Err(error) => {
                return Err(
                    Problem::new(Kind::BadUpstreamResponse, "the next service's answer broke off").because(error)
                );
            }
        }
    }
}
