//! Runs tests that need something which may not be on this machine, and names each as skipped where it is not, which libtest
//! cannot decide while it runs.

use libtest_mimic::{Arguments, Completion, Trial};
use std::process::ExitCode;

/// Its name, and what panics when it fails.
pub type Test = (&'static str, fn());

/// Tests, and why they cannot be run here, where they cannot.
pub type Group<'a> = (Vec<Test>, Option<&'a str>);

/// Runs those that the arguments of the program ask for.
pub fn run(groups: &[Group<'_>]) -> ExitCode {
    let trials = groups.iter().flat_map(|(tests, missing)| tests.iter().map(|test| trial(*test, *missing)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn trial((name, test): Test, missing: Option<&str>) -> Trial {
    let missing = missing.map(|why| format!("skipped: {why}"));
    Trial::ignorable_test(name, move || match missing {
        Some(why) => Ok(Completion::ignored_with(why)),
        None => {
            test();
            Ok(Completion::Completed)
        }
    })
}
