//! The environment as typed values. What is wrong is gathered, so that one start tells all of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// The variables that a configuration is read from, and what was wrong with them so far. Its debug form shows no value:
/// there are passwords and tokens among them.
#[derive(Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    problems: RefCell<Vec<String>>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.variables.keys().collect();
        names.sort();
        f.debug_struct("Environment").field("variables", &names).field("problems", &self.problems).finish()
    }
}

/// All that is wrong with an environment, a line each.
#[derive(Debug, PartialEq, Eq)]
pub struct EnvironmentError(Vec<String>);

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment is not valid:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for EnvironmentError {}

impl Environment {
    /// The environment of this process. Values that are not UTF-8 count as unset.
    pub fn of_process() -> Self {
        Self::from_iter(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// A variable's value; empty counts as unset.
    pub fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A variable's value as `T`; `default` where it is unset. `what` says in words what it has to be.
    pub fn parsed<T: FromStr>(&self, name: &str, default: T, what: &str) -> T {
        self.optional(name, what).unwrap_or(default)
    }

    /// A variable's value as `T`; `None` where it is unset.
    pub fn optional<T: FromStr>(&self, name: &str, what: &str) -> Option<T> {
        let value = self.get(name)?;
        match value.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.refuse(format!("{name} must be {what}"));
                None
            }
        }
    }

    /// A variable's value as `T`, which has to be there.
    pub fn required<T: FromStr>(&self, name: &str, what: &str) -> Option<T> {
        if self.get(name).is_none() {
            self.refuse(format!("{name} is missing: it must be {what}"));
            return None;
        }
        self.optional(name, what)
    }

    /// Notes that a value is wrong, in a sentence that begins with the variable's name.
    pub fn refuse(&self, problem: String) {
        self.problems.borrow_mut().push(problem);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When anything was refused: all of it.
    pub fn finish<T>(self, value: impl FnOnce() -> Option<T>) -> Result<T, EnvironmentError> {
        let problems = self.problems.into_inner();
        match value() {
            Some(value) if problems.is_empty() => Ok(value),
            _ => Err(EnvironmentError(problems)),
        }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, problems: RefCell::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let environment = Environment::from_iter([("PORT", "many"), ("EMPTY", " ")]);
        let port: u16 = environment.parsed("PORT", 1, "a port");
        let missing: Option<u16> = environment.required("EMPTY", "a number");
        assert_eq!((port, missing), (1, None));
        let error = environment.finish(|| Some(())).expect_err("two are wrong");
        assert_eq!(
            error.to_string(),
            "the environment is not valid:\n  PORT must be a port\n  EMPTY is missing: it must be a number"
        );
    }
}
