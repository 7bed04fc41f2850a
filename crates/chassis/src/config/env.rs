//! The environment as typed values. What is wrong is gathered, so that one start tells all of it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

/// The variables that a configuration is read from, and what was wrong with them so far. Its debug form shows no value:
/// there are passwords and tokens among them.
#[derive(Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    /// Those whose values are no text. They do not count as unset: who has set them wants them to have an effect.
    no_text: HashSet<String>,
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
    /// The environment of this process. A variable that is asked for and is not UTF-8 is refused.
    pub fn of_process() -> Self {
        Self::of_values(std::env::vars_os())
    }

    fn of_values(values: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        // Nobody asks for a variable whose name is no text.
        for (name, value) in values.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value))) {
            match value.into_string() {
                Ok(value) => drop(environment.variables.insert(name, value)),
                Err(_) => drop(environment.no_text.insert(name)),
            }
        }
        environment
    }

    /// A variable's value; empty counts as unset.
    pub fn get(&self, name: &str) -> Option<String> {
        if self.no_text.contains(name) {
            let problem = format!("{name} must be UTF-8");
            if !self.problems.borrow().contains(&problem) {
                self.refuse(problem);
            }
        }
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
            if self.no_text.contains(name) {
                return None;
            }
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
        Self { variables, ..Self::default() }
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

    #[test]
    fn a_value_that_is_no_text_is_refused_once_where_it_is_asked_for() {
        use std::os::unix::ffi::OsStringExt;

        let value = || OsString::from_vec(b"\xffcanary".to_vec());
        let environment = Environment::of_values([
            ("PORT".into(), value()),
            ("NUMBER".into(), value()),
            ("NOBODYS".into(), value()),
            ("NAME".into(), "a name".into()),
        ]);
        assert_eq!((environment.get("PORT"), environment.get("NAME").as_deref()), (None, Some("a name")));
        let port: u16 = environment.parsed("PORT", 1, "a port");
        let number: Option<u16> = environment.required("NUMBER", "a number");
        assert_eq!((port, number), (1, None));
        let error = environment.finish(|| Some(())).expect_err("two are wrong");
        let all = "the environment is not valid:\n  PORT must be UTF-8\n  NUMBER must be UTF-8";
        assert_eq!(error.to_string(), all);
    }
}
