//! Every `cargo stack` command in the documents has a verb and flags that there are.

use std::fs;

use crate::markdown::{path, read};

const DOCUMENTS: [&str; 10] = [
    "README.md",
    "docs/ARCHITECTURE.md",
    "docs/BENCHMARKS.md",
    "docs/PROBLEMS.md",
    "docs/SETTINGS.md",
    "docs/TELEMETRY.md",
    "docs/adding-a-service.md",
    "docs/decisions/0001-own-instrumentation.md",
    "docs/exercises.md",
    "docs/troubleshooting.md",
];
const COMMAND: &str = "cargo stack ";

#[test]
fn every_command_is_one() {
    let sources =
        ["stack/src/verbs", "stack/src", "stack/src/settings"].map(|folder| rust_files(folder).concat()).concat();
    let mut commands = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for command in text.lines().flat_map(|line| line.split(COMMAND).skip(1)) {
            // Up to the end of the code or of its comment: what follows is prose.
            let mut words =
                command.split(['`', '#', ';', '|']).next().unwrap_or_default().split_whitespace().peekable();
            if words.next_if(|word| *word == "--state-dir").is_some() {
                words.next();
            }
            let Some(verb) = words.next().filter(|word| is_verb(word)) else { continue };
            let file = path(&format!("stack/src/verbs/{}.rs", verb.replace('-', "_")));
            assert!(file.is_file(), "{document}: there is no `{COMMAND}{verb}`");
            // clap's own.
            let flags = words.filter_map(|word| word.strip_prefix("--")).filter(|flag| *flag != "help");
            for flag in flags {
                let field = format!("{}: ", flag.replace('-', "_"));
                assert!(sources.contains(&field), "{document}: `{COMMAND}{verb}` has no --{flag}");
            }
            commands += 1;
        }
    }
    assert!(commands > 20, "the documents have commands, and only {commands} were found");
}

/// Prose goes on with other words: "`cargo stack` passes them on" has no verb behind its backtick.
fn is_verb(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn rust_files(folder: &str) -> Vec<String> {
    let files = fs::read_dir(path(folder)).expect("the tool's source").flatten().map(|entry| entry.path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.map(|file| fs::read_to_string(file).expect("a source")).collect()
}
