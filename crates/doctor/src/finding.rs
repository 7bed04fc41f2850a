//! What was found, and what is to be done about it.

use serde::Serialize;

/// How a part of the way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Works, and may surprise.
    Warning,
    /// Does not work.
    Failed,
    /// Not looked at.
    Skipped,
}

/// One part of the way.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Which part, such as `gateway`.
    pub part: String,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What to do, in a sentence; only where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// All findings, in the order of the way.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The trace of the request that was followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// A part is as it should be.
    pub fn ok(&mut self, part: impl Into<String>, seen: impl Into<String>) {
        self.add(part, State::Ok, seen, None);
    }

    /// A part works, and may surprise.
    pub fn warn(&mut self, part: impl Into<String>, seen: impl Into<String>, advice: impl Into<String>) {
        self.add(part, State::Warning, seen, Some(advice.into()));
    }

    /// A part does not work.
    pub fn fail(&mut self, part: impl Into<String>, seen: impl Into<String>, advice: impl Into<String>) {
        self.add(part, State::Failed, seen, Some(advice.into()));
    }

    /// A part was not looked at, and why.
    pub fn skip(&mut self, part: impl Into<String>, why: impl Into<String>) {
        self.add(part, State::Skipped, why, None);
    }

    /// Whether nothing has failed.
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.state != State::Failed)
    }

    fn add(&mut self, part: impl Into<String>, state: State, seen: impl Into<String>, advice: Option<String>) {
        self.findings.push(Finding { part: part.into(), state, seen: seen.into(), advice });
    }
}
