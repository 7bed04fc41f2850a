//! How many tests passed, from what libtest prints.

/// Passed, failed and ignored tests and checks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Count {
    passed: usize,
    /// More than none: the run has failed.
    pub failed: usize,
    skipped: usize,
    names: Vec<String>,
}

impl Count {
    /// Nothing could be run.
    pub fn failure() -> Self {
        Self { failed: 1, ..Self::default() }
    }

    /// Counts a line such as `test result: ok. 14 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ...`, and keeps
    /// the name and the reason of one such as `test edges::seven ... ignored (skipped: needs tempo)`.
    pub fn read(&mut self, line: &str) {
        if let Some((name, reason)) = line.trim().split_once(" ... ignored (skipped: ") {
            let name = name.strip_prefix("test ").unwrap_or(name).trim_end();
            self.names.push(format!("{name} ({reason}"));
        }
        let Some(result) = line.trim().strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            let Some((number, what)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// Adds the tests of another count.
    pub fn add_tests(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.names.extend(other.names);
    }

    /// Counts something that cannot be run here; `what` has a name and a reason.
    pub fn skip(&mut self, what: impl Into<String>) {
        self.skipped += 1;
        self.names.push(what.into());
    }

    /// What was skipped and why, as far as it was said.
    pub fn skipped_names(&self) -> &[String] {
        &self.names
    }

    /// Adds checks, each counted as one test.
    pub fn add_checks(&mut self, passed: usize, failed: usize) {
        self.passed += passed;
        self.failed += failed;
    }

    /// `N passed, N failed`, and `, N skipped` when there are any.
    pub fn line(&self) -> String {
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        format!("{} passed, {} failed{skipped}", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_is_known_by_name_and_reason() {
        let mut count = Count::default();
        count.read("test tempo::opens   ... ignored (skipped: needs tempo (TEMPO_BIN or PATH))");
        count.read("test tempo::closes ... ignored");
        count.skip("the tests of the page (there is no node in PATH)");
        let names =
            ["tempo::opens (needs tempo (TEMPO_BIN or PATH))", "the tests of the page (there is no node in PATH)"];
        assert_eq!(count.skipped_names(), names);
    }

    #[test]
    fn the_results_of_all_test_programs_are_added_up() {
        let mut count = Count::default();
        count.read("test result: ok. 14 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        count.read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out; finished in 2.50s");
        count.read("test processes::it_says_test_result ... ok");
        assert_eq!(count, Count { passed: 17, failed: 2, skipped: 1, names: Vec::new() });
        count.add_checks(3, 0);
        assert_eq!(count.line(), "20 passed, 2 failed, 1 skipped");
        assert_eq!(Count::default().line(), "0 passed, 0 failed");
    }
}
