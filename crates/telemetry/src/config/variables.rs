//! Variables as typed values. What is wrong is gathered, so that one start tells all of it.
//!
//! Where the specification would warn and go on with a default, a wrong value is refused here: a process that exports to
//! the wrong place, or not at all, is found late.
//!
//! Source: OpenTelemetry specification, "Environment Variable Specification", "Configuration types".

use std::cell::RefCell;
use std::time::Duration;

/// The variables, and what was wrong with them so far.
pub(super) struct Variables<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: RefCell<Vec<String>>,
    ignored: RefCell<Vec<String>>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: RefCell::default(), ignored: RefCell::default() }
    }

    /// A variable's value; empty counts as unset.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The first of these that is set, with its name: the more special one stands before the more general one.
    pub(super) fn first(&self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    /// Notes that a value is wrong. It is never repeated: it may be a secret in the wrong place.
    pub(super) fn refuse(&self, name: &str, rule: impl std::fmt::Display) {
        let problem = format!("{name} {rule}");
        let mut problems = self.problems.borrow_mut();
        // The general variables are read once for each signal.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Notes that a variable is set and has no effect.
    pub(super) fn ignore(&self, name: &str, why: &str) {
        let sentence = format!("{name} {why}");
        let mut ignored = self.ignored.borrow_mut();
        if !ignored.contains(&sentence) {
            ignored.push(sentence);
        }
    }

    /// Only `true`, in any case, is true, as the specification wants it.
    pub(super) fn switch(&self, names: &[&'static str]) -> bool {
        let Some((name, value)) = self.first(names) else { return false };
        if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") {
            self.ignore(name, "is neither true nor false, and counts as false");
        }
        value.eq_ignore_ascii_case("true")
    }

    /// A number of things of which there has to be one.
    pub(super) fn count(&self, name: &'static str, default: usize) -> usize {
        // 32 bits are more than fits into memory, and leave room to compute with.
        match self.get(name).map(|value| value.parse::<u32>()) {
            None => default,
            Some(Ok(value)) if value > 0 => value as usize,
            Some(_) => {
                self.refuse(name, "must be a whole number above 0");
                default
            }
        }
    }

    /// How much there may be of something; 0 is none of it. `None` where nothing is said.
    pub(super) fn limit(&self, names: &[&'static str]) -> Option<u32> {
        let (name, value) = self.first(names)?;
        value.parse().map_err(|_| self.refuse(name, "must be a whole number")).ok()
    }

    /// A time in milliseconds. 0, with which some mean no limit at all, is refused: every wait here has an end.
    pub(super) fn milliseconds(&self, names: &[&'static str], default: Duration) -> Duration {
        let Some((name, value)) = self.first(names) else { return default };
        // 32 bits are 49 days.
        match value.parse::<u32>() {
            Ok(millis) if millis > 0 => Duration::from_millis(millis.into()),
            _ => {
                self.refuse(name, "must be a whole number of milliseconds above 0");
                default
            }
        }
    }

    /// One of a few words, in any case. `more` has words that would be right elsewhere, with what is to be said of them.
    pub(super) fn choice<T: Copy>(
        &self,
        names: &[&'static str],
        choices: &[(&str, T)],
        more: &[(&str, &str)],
        default: T,
    ) -> T {
        let Some((name, value)) = self.first(names) else { return default };
        if let Some((_, choice)) = choices.iter().find(|(word, _)| value.eq_ignore_ascii_case(word)) {
            return *choice;
        }
        match more.iter().find(|(word, _)| value.eq_ignore_ascii_case(word)) {
            Some((word, why)) => self.refuse(name, format_args!("may not be {word}: {why}")),
            None => {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                self.refuse(name, format_args!("must be one of {}", words.join(", ")));
            }
        }
        default
    }

    /// The members of a list, separated by commas; `None` where nothing is said.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let value = self.get(name)?;
        Some(value.split(',').map(str::trim).filter(|member| !member.is_empty()).map(str::to_owned).collect())
    }

    /// Ends the reading: what was wrong, and what has no effect.
    pub(super) fn taken(&self) -> (Vec<String>, Vec<String>) {
        (self.problems.take(), self.ignored.take())
    }
}
