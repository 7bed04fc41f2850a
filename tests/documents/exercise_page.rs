//! docs/exercises.md as its tests read it.

use crate::markdown::{blocks, names, read};

/// One exercise.
pub struct Exercise {
    /// Its heading.
    pub title: String,
    /// All of it.
    pub text: String,
    /// The command that sets its fault.
    pub set: String,
    /// The command that ends it.
    pub clear: String,
    /// The service that is to be found.
    pub service: String,
    /// The kind of its fault.
    pub kind: String,
    /// What Prometheus is asked on the way.
    pub metrics: Vec<String>,
    /// What Tempo is asked on the way.
    pub traces: Vec<String>,
}

/// All of them.
pub fn exercises() -> Vec<Exercise> {
    let page = read("docs/exercises.md");
    let sections = page.split("\n## ").skip(1);
    sections.filter(|section| section.starts_with(|first: char| first.is_ascii_digit())).map(exercise).collect()
}

/// What says what is on, for whoever is lost.
pub fn what_is_on() -> String {
    let page = read("docs/exercises.md");
    let before = page.split("\n## 1.").next().unwrap_or_default();
    in_language(before, "promql").concat()
}

fn exercise(section: &str) -> Exercise {
    let title = section.lines().next().unwrap_or_default().to_owned();
    let commands = in_language(section, "bash");
    let [set, clear] = commands.as_slice() else { panic!("{title} has to have two commands, not {commands:?}") };
    let answer = section.lines().find_map(|line| line.strip_prefix("**Answer.** "));
    let answer = names(answer.unwrap_or_else(|| panic!("{title} has no answer")));
    let [service, kind, ..] = answer.as_slice() else { panic!("{title} answers {answer:?}") };
    Exercise {
        set: set.clone(),
        clear: clear.clone(),
        service: service.clone(),
        kind: kind.clone(),
        metrics: in_language(section, "promql"),
        traces: in_language(section, "traceql"),
        text: section.to_owned(),
        title,
    }
}

fn in_language(text: &str, language: &str) -> Vec<String> {
    let of = blocks(text).into_iter().filter(|block| block.language == language);
    of.map(|block| block.code.trim().to_owned()).collect()
}
