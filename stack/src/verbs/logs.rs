//! `cargo stack logs`: what the processes write.

use crate::cli::Context;
use crate::failure::{Failure, Outcome};
use crate::settings;
use crate::supervisor::STOP_ORDER;
use native::process::{KEPT_LOGS, rotated_name};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  cargo stack logs                     the last lines of every process
  cargo stack logs order-service -n 50
  cargo stack logs user-service -f | jq -r 'select(.level == \"ERROR\") | .trace_id'";

/// Quick enough to follow by eye.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Show what the processes wrote
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this process; its lines come without its name before them
    #[arg(value_parser = super::start::process_name)]
    service: Option<String>,
    /// Go on until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// How many lines of each process
    #[arg(short = 'n', long, default_value_t = 20)]
    lines: usize,
}

/// Reads the files; works whether or not anything runs.
pub async fn run(args: Args, context: &Context) -> Outcome {
    let directory = settings::logs(&context.state);
    let mut names: Vec<&str> = args.service.as_deref().map_or_else(|| STOP_ORDER.to_vec(), |name| vec![name]);
    names.retain(|name| directory.join(format!("{name}.log")).is_file());
    if names.is_empty() {
        return Err(Failure::failed(format!("no logs in {}", directory.display())));
    }
    let prefixed = args.service.is_none();
    let mut followed = Vec::new();
    for name in names {
        let prefix = if prefixed { context.terminal.bold(&format!("{name:<14} | ")) } else { String::new() };
        let path = directory.join(format!("{name}.log"));
        // Where following begins, taken before reading: a line may come twice, none is lost.
        let mut tail = Followed::open(path.clone(), prefix)?;
        tail.skip_what_is_there()?;
        for line in last_lines(&path, args.lines) {
            context.terminal.line(format!("{}{line}", tail.prefix));
        }
        followed.push(tail);
    }
    if args.follow {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            outcome = follow(context, followed) => outcome?,
        }
    }
    Ok(0)
}

/// Prints what comes, for ever.
async fn follow(context: &Context, mut followed: Vec<Followed>) -> Result<(), Failure> {
    loop {
        for tail in &mut followed {
            for line in tail.new_lines()? {
                context.terminal.line(format!("{}{line}", tail.prefix));
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The last lines over the current file and the rotated ones.
fn last_lines(path: &Path, wanted: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for age in 0..KEPT_LOGS {
        if lines.len() >= wanted {
            break;
        }
        let content = fs::read(rotated_name(path, age)).unwrap_or_default();
        let older = String::from_utf8_lossy(&content).lines().map(str::to_owned).collect::<Vec<_>>();
        lines.splice(0..0, older);
    }
    lines.split_off(lines.len().saturating_sub(wanted))
}

/// A log that is followed across rotation.
struct Followed {
    path: PathBuf,
    file: File,
    partial: Vec<u8>,
    prefix: String,
}

impl Followed {
    fn open(path: PathBuf, prefix: String) -> Result<Self, Failure> {
        let file = File::open(&path)?;
        Ok(Self { path, file, partial: Vec::new(), prefix })
    }

    fn skip_what_is_there(&mut self) -> Result<(), Failure> {
        self.file.seek(SeekFrom::End(0))?;
        Ok(())
    }

    fn new_lines(&mut self) -> Result<Vec<String>, Failure> {
        self.file.read_to_end(&mut self.partial)?;
        if let Ok(current) = File::open(&self.path)
            && current.metadata()?.ino() != self.file.metadata()?.ino()
        {
            // The rotated file is read to its end first.
            self.file.read_to_end(&mut self.partial)?;
            self.file = current;
            self.file.read_to_end(&mut self.partial)?;
        }
        let Some(end) = self.partial.iter().rposition(|byte| *byte == b'\n') else { return Ok(Vec::new()) };
        let whole: Vec<u8> = self.partial.drain(..=end).collect();
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_goes_on_in_the_new_file_after_rotation() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("user-service.log");
        fs::write(&path, "old\n").unwrap();
        let mut tail = Followed::open(path.clone(), String::new()).unwrap();
        tail.skip_what_is_there().unwrap();
        let mut log = fs::OpenOptions::new().append(true).open(&path).unwrap();
        std::io::Write::write_all(&mut log, b"before\n").unwrap();
        fs::rename(&path, rotated_name(&path, 1)).unwrap();
        fs::write(&path, "after\ntorn").unwrap();
        assert_eq!(tail.new_lines().unwrap(), ["before", "after"]);
        assert_eq!(last_lines(&path, 3), ["before", "after", "torn"]);
    }
}
