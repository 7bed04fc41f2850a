//! Lines for people: coloured and with progress on a terminal, plain elsewhere.

use crate::config;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Quick enough to look alive.
const SPIN_EVERY: Duration = Duration::from_millis(100);

/// Where lines go.
#[derive(Clone)]
pub struct Terminal {
    colour: bool,
    interactive: bool,
}

impl Terminal {
    /// Looks at standard output and NO_COLOR (no-color.org).
    pub fn detect() -> Self {
        let interactive = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        Self { colour: interactive && !config::no_colour(), interactive }
    }

    /// A line for people or programs, on standard output. A reader that went away ends nothing.
    pub fn line(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stdout(), "{}", text.as_ref());
    }

    /// A step that is done.
    pub fn done(&self, text: impl AsRef<str>) {
        self.line(format!("{} {}", self.paint("32", "ok"), text.as_ref()));
    }

    /// A step that begins.
    pub fn step(&self, text: impl AsRef<str>) {
        self.line(format!("{} {}", self.paint("36", ".."), text.as_ref()));
    }

    /// Something to know that does not stop anything.
    pub fn warn(&self, text: impl AsRef<str>) {
        self.line(format!("{} {}", self.paint("33", "!!"), text.as_ref()));
    }

    /// Why the verb failed, on standard error.
    pub fn error(&self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{} {}", self.paint("31", "error:"), text.as_ref());
    }

    /// Less important text.
    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// More important text.
    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Text in an SGR colour, where there are colours.
    pub fn paint(&self, sgr: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{sgr}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// How trees are drawn here.
    pub fn tree_style(&self) -> otlp::tree::Style {
        let columns = self.interactive.then(|| console::Term::stdout().size_checked()).flatten();
        let standard = otlp::tree::Style::default();
        otlp::tree::Style {
            colour: self.colour,
            columns: columns.map_or(standard.columns, |(_, columns)| columns.into()),
        }
    }

    /// A line that changes, on a terminal; nothing elsewhere.
    pub fn spinner(&self) -> ProgressBar {
        if !self.interactive {
            return ProgressBar::hidden();
        }
        let spinner = ProgressBar::new_spinner();
        spinner.enable_steady_tick(SPIN_EVERY);
        spinner
    }

    /// A bar, on a terminal; nothing elsewhere.
    pub fn bar(&self, length: u64) -> ProgressBar {
        if !self.interactive {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}");
        ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}
