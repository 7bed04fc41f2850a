//! What happens in a stack, told in lines.

use crate::supervisor::Event;
use crate::terminal::Terminal;
use indicatif::ProgressBar;

/// Tells events as they come: lines for what happened, a spinner for what is awaited.
pub struct Narrator {
    terminal: Terminal,
    spinner: ProgressBar,
    /// Whether the start is still to be told; events come again from the first to every new watcher.
    starting: bool,
    silent: bool,
}

impl Narrator {
    /// Tells everything from the first event on.
    pub fn new(terminal: Terminal) -> Self {
        let spinner = terminal.spinner();
        Self { terminal, spinner, starting: true, silent: false }
    }

    /// Is silent until everything was up once: that has been told before.
    pub fn from_now_on(terminal: Terminal) -> Self {
        Self { terminal, spinner: ProgressBar::hidden(), starting: false, silent: true }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event) {
        if self.silent {
            self.silent = !matches!(event, Event::Ready);
            return;
        }
        match event {
            Event::Started { name, .. } if self.starting => self.spinner.set_message(format!("starting {name}")),
            Event::Step { text } => self.spinner.set_message(text.clone()),
            Event::Waiting { name, seconds, reason } => {
                self.spinner.set_message(format!("{name}, {seconds} s: {reason}"));
            }
            Event::Ready | Event::Failed { .. } | Event::Ended => self.spinner.finish_and_clear(),
            _ => {}
        }
        let terminal = self.terminal.clone();
        if matches!(event, Event::Failed { .. }) {
            // `up` ends with this message.
        } else if self.spinner.is_hidden() {
            narrate(&terminal, event);
        } else if !matches!(event, Event::Waiting { .. } | Event::Step { .. } | Event::Started { .. }) {
            self.spinner.suspend(|| narrate(&terminal, event));
        }
        self.starting &= !matches!(event, Event::Ready);
    }
}

/// One event as lines.
pub fn narrate(terminal: &Terminal, event: &Event) {
    match event {
        Event::Step { text } => terminal.step(text),
        Event::Started { name, pid } => terminal.step(format!("{name} started (pid {pid})")),
        Event::Waiting { name, seconds, reason } => {
            terminal.step(format!("waiting for {name}, {seconds} s: {reason}"));
        }
        Event::Up { name, milliseconds } => terminal.done(format!("{name} is up ({milliseconds} ms)")),
        Event::Died { name, reason, last_lines, restart_in_ms } => {
            let next = restart_in_ms.map_or_else(
                || format!("it died too often and is left alone; see: cargo stack logs {name}"),
                |delay| format!("started again in {delay} ms"),
            );
            terminal.warn(format!("{name} died: {reason}; {next}"));
            for line in last_lines {
                terminal.line(terminal.dim(&format!("   {line}")));
            }
        }
        Event::Stopped { name } => terminal.done(format!("{name} is stopped")),
        Event::Failed { reason } => terminal.warn(reason),
        Event::Stopping => terminal.step("stopping everything"),
        Event::Ready | Event::Ended => {}
    }
}
