//! Tables and blocks of code of the documents.

use std::path::{Path, PathBuf};

/// A fenced block of code.
#[derive(Debug)]
pub struct Block {
    /// What stands behind the fence, such as `rust`.
    pub language: String,
    /// The code, with a line feed at its end.
    pub code: String,
}

/// A file of the checkout.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// A file of the checkout, as text.
pub fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The blocks of a document, in their order.
pub fn blocks(document: &str) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None::<Block>);
    for line in document.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some(Block { language: language.trim().to_owned(), code: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.code.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The blocks of one language.
pub fn blocks_in(document: &str, language: &str) -> Vec<String> {
    blocks(document).into_iter().filter(|block| block.language == language).map(|block| block.code).collect()
}

/// The rows of the tables below a heading, up to the next heading of the same or a higher level, without their heads.
pub fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let level = heading.chars().take_while(|c| *c == '#').count();
    let ends = |line: &str| (1..=level).any(|level| line.starts_with(&format!("{} ", "#".repeat(level))));
    let section = document.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !ends(line));
    let rows: Vec<Vec<String>> = section.filter(|line| line.starts_with("| `")).map(cells).collect();
    assert!(!rows.is_empty(), "no table below {heading:?}");
    rows
}

/// The names in backticks of a cell.
pub fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}
