//! Runs tests that need something which may not be on this machine, and names each as ignored where it is not. libtest can
//! decide that only when it compiles. What is printed has libtest's form.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Its name, and what panics when it fails.
pub type Test = (&'static str, fn());

/// Tests, and why they cannot be run here, where they cannot.
pub type Group<'a> = (Vec<Test>, Option<&'a str>);

/// Runs those whose name contains one of the arguments; all without arguments.
pub fn run(groups: &[Group<'_>]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let (mut all, mut ignored, mut filtered) = (Vec::new(), Vec::new(), 0);
    for (tests, missing) in groups {
        for test in tests {
            match missing {
                _ if !is_wanted(test.0) => filtered += 1,
                Some(why) => ignored.push((test.0, *why)),
                None => all.push(*test),
            }
        }
    }
    let chosen = all.len() + ignored.len();
    if arguments.iter().any(|argument| argument == "--list") {
        let names = all.iter().map(|(name, _)| name).chain(ignored.iter().map(|(name, _)| name));
        names.for_each(|name| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {chosen} tests");
    ignored.iter().for_each(|(name, why)| println!("test {name} ... ignored, {why}"));
    let failed = run_all(&all);
    let (passed, ignored) = (all.len() - failed.len(), ignored.len());
    if !failed.is_empty() {
        println!("\nfailures:");
        failed.iter().for_each(|name| println!("    {name}"));
    }
    let result = if failed.is_empty() { "ok" } else { "FAILED" };
    let failed = failed.len();
    println!(
        "\ntest result: {result}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; {filtered} filtered out\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// As many at a time as there are cores, each in a thread of its name; the names of those that failed.
fn run_all(tests: &[Test]) -> Vec<&'static str> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((name, test)) = tests.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let passed = passes(name, *test);
                    println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
                    if !passed {
                        failed.lock().unwrap().push(*name);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn passes(name: &str, test: fn()) -> bool {
    let run = move || catch_unwind(test).is_ok();
    std::thread::Builder::new().name(name.into()).spawn(run).unwrap().join().unwrap_or(false)
}
