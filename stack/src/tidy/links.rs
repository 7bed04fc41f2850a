//! Relative links of documents lead to files, and their anchors to headings.

use super::documents::prose;
use super::sources::ending;
use std::path::Path;

/// Every relative link that leads nowhere.
pub fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for document in ending(root, ".md") {
        let path = root.join(&document.name);
        for (number, line) in prose(&document.text) {
            for target in targets(line).filter(|target| !leads_somewhere(&path, target)) {
                problems.push(format!("{}:{number}: {target}", document.name));
            }
        }
    }
    problems
}

/// The targets of `[text](target)` and `![text](target "title")`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

fn leads_somewhere(document: &Path, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = match (file, document.parent()) {
        ("", _) => document.to_path_buf(),
        (_, Some(folder)) => folder.join(file),
        (_, None) => return false,
    };
    match anchor {
        Some(anchor) if file.is_empty() || file.ends_with(".md") => std::fs::read_to_string(path)
            .is_ok_and(|text| prose(&text).any(|(_, line)| heading(line).as_deref() == Some(anchor))),
        _ => path.exists(),
    }
}

/// The anchor GitHub gives a heading.
fn heading(line: &str) -> Option<String> {
    let text = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?.trim();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    Some(kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::checkout;

    #[test]
    fn files_and_anchors_are_followed() {
        let document = "# A title, `with` code\n[a](b.md) [b](b.md#one) [c](#a-title-with-code) [d](https://x.example/y)\n\
            [e](gone.md) [f](b.md#two) [g](#nowhere)\n";
        let root = checkout(&[("docs/a.md", document), ("docs/b.md", "## One\n")]);
        assert_eq!(check(root.path()), ["docs/a.md:3: gone.md", "docs/a.md:3: b.md#two", "docs/a.md:3: #nowhere"]);
    }
}
