//! The tests of observatory's page, which are JavaScript: they need Node.js, and nothing else here does.

use super::count::Count;
use crate::failure::Failure;
use crate::terminal::Terminal;
use native::programs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where they are.
const FOLDER: &str = "services/observatory/page/tests";

/// Runs them where there is Node.js, and says by name that they are skipped where there is none.
pub fn tests(terminal: &Terminal) -> Result<Count, Failure> {
    let mut count = Count::default();
    let Ok(node) = programs::find("node") else {
        count.skip("the tests of the page (there is no node in PATH)");
        return Ok(count);
    };
    terminal.step(format!("page: node --test {FOLDER}"));
    let checkout = native::state::checkout();
    let output = Command::new(node)
        .args(["--test", "--test-reporter=tap"])
        .args(files(&checkout.join(FOLDER))?)
        .current_dir(checkout)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let number = |what: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(what));
        line.and_then(|number| number.trim().parse::<usize>().ok())
    };
    match (number("# pass "), number("# fail ")) {
        (Some(passed), Some(failed)) if passed > 0 && output.status.success() == (failed == 0) => {
            count.add_checks(passed, failed);
        }
        _ => count.add_checks(0, 1),
    }
    if count.failed > 0 {
        terminal.line(printed.trim_end());
    }
    Ok(count)
}

/// By name: what a folder means to `node --test` has changed between versions.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.js") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
