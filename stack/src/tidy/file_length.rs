//! No Rust source file is longer than one reads in one go.

use super::sources::ending;
use std::path::Path;

const MOST_LINES: usize = 300;

/// Every file that is longer.
pub fn check(root: &Path) -> Vec<String> {
    let lengths = ending(root, ".rs").into_iter().map(|source| (source.text.lines().count(), source.name));
    lengths.filter(|(lines, _)| *lines > MOST_LINES).map(|(lines, name)| format!("{name}: {lines} lines")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn a_line_too_many_is_named() {
        let root = checkout(&[
            ("src/long.rs", &"x\n".repeat(301)),
            ("src/short.rs", &"x\n".repeat(300)),
            ("target/built.rs", &"x\n".repeat(999)),
        ]);
        assert_eq!(check(root.path()), ["src/long.rs: 301 lines"]);
    }
}
