//! Runs the tests of this target: each by its name, and skipped by it where a program is missing.
//!
//! libtest keeps what a passing test prints to itself; here it has to be seen what was skipped and why, and the figures.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Completion, Trial};
use native::backends::Program;
use tokio::runtime::Runtime;

/// Each test has a Collector, a Prometheus and a chain; more of them at once wait for each other's processor time.
const THREADS: usize = 2;

/// One runtime for all tests, as what they share has to outlive each of them.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// A test.
pub struct Test {
    /// Module and function.
    pub name: &'static str,
    /// The programs without which it is skipped.
    pub needs: &'static [Program],
    /// The test itself; it fails by panicking.
    pub run: fn() -> Pin<Box<dyn Future<Output = Outcome>>>,
}

/// What a test says when it ends without a panic.
pub enum Outcome {
    /// It has passed.
    Passed,
    /// It cannot be run here.
    Skipped(&'static str),
}

/// Lets a test end as usual functions do.
impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Self::Passed
    }
}

/// Tests with what they need.
macro_rules! tests {
    ($($module:ident :: $test:ident [$($program:ident),*]),* $(,)?) => {
        vec![$($crate::runner::Test {
            name: concat!(stringify!($module), "::", stringify!($test)),
            needs: &[$(native::backends::Program::$program),*],
            run: || Box::pin(async { $crate::$module::$test().await.into() }),
        }),*]
    };
}
pub(crate) use tests;

/// Runs those that the arguments ask for, then `end`.
pub fn run(tests: Vec<Test>, end: impl AsyncFnOnce()) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(THREADS));
    let trials = tests.into_iter().map(|test| Trial::ignorable_test(test.name, move || Ok(one(&test)))).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    RUNTIME.block_on(end());
    conclusion.exit_code()
}

fn one(test: &Test) -> Completion {
    if let Some(missing) = test.needs.iter().find(|program| !has(**program)) {
        return Completion::ignored_with(format!("skipped: needs {} ({})", missing.name(), missing.cure()));
    }
    match RUNTIME.block_on((test.run)()) {
        Outcome::Passed => Completion::Completed,
        Outcome::Skipped(why) => Completion::ignored_with(format!("skipped: {why}")),
    }
}

/// Whether a program is on this machine. A variable that names none is a mistake, and no reason to skip anything.
pub fn has(program: Program) -> bool {
    match program.find() {
        Ok(_) => true,
        Err(native::Error::NotInstalled { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}
