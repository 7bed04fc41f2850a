//! Files and folders that documents name in backticks exist.
//!
//! A page whose reader makes files says so: `<!-- made by the reader: services/fraud -->`.

use super::sources::ending;
use std::path::Path;

/// What comes before the folder that a page's reader makes.
const BY_THE_READER: &str = "<!-- made by the reader: ";
/// Made when things run, so in no fresh checkout.
const MADE: [&str; 2] = ["target", ".stack"];

/// Every path in backticks, in a document, that is not there.
pub fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for document in ending(root, ".md") {
        let folder = root.join(&document.name).parent().map(Path::to_path_buf).unwrap_or_default();
        let excused: Vec<&str> =
            document.text.split(BY_THE_READER).skip(1).filter_map(|rest| rest.split(' ').next()).collect();
        for (number, line) in prose(&document.text) {
            for path in line.split('`').skip(1).step_by(2).filter_map(|span| path_in(span, root)) {
                let made = excused.iter().any(|folder| Path::new(path).starts_with(folder));
                if !made && !root.join(path).exists() && !folder.join(path).exists() {
                    problems.push(format!("{}:{number}: {path} does not exist", document.name));
                }
            }
        }
    }
    problems
}

/// Lines with their numbers, without fenced code.
pub(super) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// What reads as a path of this checkout: it has a slash and begins with a folder that the root has or that a
/// checkout of this kind would have; or it is a file's name with an ending we use and no slash.
fn path_in<'a>(span: &'a str, root: &Path) -> Option<&'a str> {
    let path = span.trim_end_matches('/').trim_start_matches("./");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if path.is_empty() || path.starts_with('/') || !path.chars().all(plain) || path.contains("..") {
        return None;
    }
    let (first, rest) = path.split_once('/')?;
    let is_folder = root.join(first).is_dir() || rest.contains('.');
    // `text/html`, `and/or`, `user/42`: the first part is no folder of ours and the last no file.
    (is_folder && !first.contains('.') && !MADE.contains(&first)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn only_paths_that_are_gone_are_named() {
        let document = "`src/lib.rs` `src/` `src/gone.rs` `text/html` `POST /process` `docs/old` `target/stack/x`\n\
            ```\nin code: `src/never.rs`\n```\n`gone/file.rs` and `page.md` beside `sub/page.md`\n";
        let made = "<!-- made by the reader: src/new -->\n`src/new/lib.rs` and `src/new`\n";
        let root =
            checkout(&[("src/lib.rs", ""), ("docs/a.md", document), ("docs/made.md", made), ("docs/sub/page.md", "")]);
        assert_eq!(
            check(root.path()),
            [
                "docs/a.md:1: src/gone.rs does not exist",
                "docs/a.md:1: docs/old does not exist",
                "docs/a.md:5: gone/file.rs does not exist"
            ]
        );
    }
}
