//! Instructions, counted by valgrind's callgrind: nearly the same on an idle and on a busy machine.

use super::chain::{Chain, Ground, Half};
use super::generator::Until;
use super::mode::Mode;
use super::rounds::Subject;
use crate::failure::Failure;
use native::process::{Spec, run_to_end};
use native::programs;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Fills the pools, caches and the libraries' lazily made tables before anything is counted.
const WARM_UP: u64 = 256;
/// Copies and fills of some kilobytes are one instruction of the processor, `rep movsb` or `rep stosb`, that valgrind counts
/// as one for each byte; and how often actix fills its 3 KB of parser's memory hangs on when PostgreSQL's bytes arrive. With
/// these limits (glibc manual, "Hardware Capability Tunables") glibc uses its loops instead, whose instructions are real.
const NO_REPEATED_BYTES: &str =
    "GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=1000000000:glibc.cpu.x86_rep_stosb_threshold=1000000000";
/// As many as the back has connections.
const POOL: usize = 16;
/// How long spans may take to be exported: twice the batch processor's delay by the specification.
const EXPORT_LIMIT: Duration = Duration::from_secs(10);

/// The programs of valgrind that are needed.
pub struct Callgrind {
    env: PathBuf,
    valgrind: PathBuf,
    control: PathBuf,
    /// Where the profiles are kept, for `callgrind_annotate`.
    profiles: PathBuf,
}

/// Instructions a request.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Instructions {
    /// Of the front.
    pub front: f64,
    /// Of the back.
    pub back: f64,
}

impl Instructions {
    /// Of both.
    pub fn total(&self) -> f64 {
        self.front + self.back
    }
}

impl Callgrind {
    /// Finds the programs; profiles go to `directory`.
    pub fn find(directory: &Path) -> Result<Self, Failure> {
        let found = |name| programs::find(name).map_err(|error| Failure::cannot(error.to_string()));
        fs::create_dir_all(directory)?;
        Ok(Self {
            env: found("env")?,
            valgrind: found("valgrind")?,
            control: found("callgrind_control")?,
            profiles: directory.to_path_buf(),
        })
    }

    /// Counts what `requests` requests take, one at a time, their spans' export included. Of both halves the least of this and
    /// of what was counted `before` is the result, and its profile is kept.
    pub fn count(
        &self,
        mode: &Mode,
        ground: &Ground<'_>,
        requests: u64,
        before: Option<Instructions>,
    ) -> Result<Instructions, Failure> {
        let wrap = |half: Half| {
            let profile = self.new_profile(mode, half);
            let _ = fs::remove_file(&profile);
            let valgrind = self.valgrind.to_string_lossy().into_owned();
            let options = ["--tool=callgrind", "--instr-atstart=no", "--fair-sched=yes"].map(String::from);
            let out = format!("--callgrind-out-file={}", profile.display());
            // `env` becomes valgrind: the process that is measured has the pid that was started.
            let env = [self.env.to_string_lossy().into_owned(), NO_REPEATED_BYTES.to_owned()];
            [env.to_vec(), vec![valgrind], options.to_vec(), vec![out]].concat()
        };
        let chain = Chain::start(mode, ground, Some(&wrap))?;
        let mut expected = ground.sink.spans();
        let mut send = |connections: usize, count: u64| {
            chain.send(connections, Until::Sent(count))?;
            expected += count * mode.spans_per_request();
            Ok::<_, Failure>(ground.sink.await_spans(expected, EXPORT_LIMIT))
        };
        // First the pool is filled: to make a connection, a password is hashed thousands of times.
        send(POOL, WARM_UP)?;
        send(1, WARM_UP)?;
        self.instrument("on", &chain)?;
        send(1, requests)?;
        self.instrument("off", &chain)?;
        chain.stop();
        let least = |half, before: Option<f64>| {
            let new = self.new_profile(mode, half);
            let counted = total(&new)? as f64 / requests as f64;
            match before.filter(|before| *before <= counted) {
                Some(before) => fs::remove_file(&new).map(|()| before),
                None => fs::rename(&new, self.profile(mode, half)).map(|()| counted),
            }
            .map_err(Failure::from)
        };
        let front = least(Half::Front, before.map(|before| before.front))?;
        Ok(Instructions { front, back: least(Half::Back, before.map(|before| before.back))? })
    }

    fn instrument(&self, state: &str, chain: &Chain) -> Result<(), Failure> {
        let pids = chain.pids().into_iter().map(|pid| pid.to_string());
        let control = Spec::new("callgrind_control", &self.control).args(["-i", state]).args(pids);
        Ok(run_to_end(&control, "").map(drop)?)
    }

    fn profile(&self, mode: &Mode, half: Half) -> PathBuf {
        self.profiles.join(format!("callgrind.{}.{}", mode.name, half.name()))
    }

    fn new_profile(&self, mode: &Mode, half: Half) -> PathBuf {
        self.profile(mode, half).with_added_extension("new")
    }
}

/// The instructions that a profile has (callgrind format, `totals:`).
fn total(profile: &Path) -> Result<u64, Failure> {
    let unreadable = |why: String| Failure::failed(format!("{}: {why}", profile.display()));
    let text = fs::read_to_string(profile).map_err(|error| unreadable(error.to_string()))?;
    let totals = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    let instructions = totals.and_then(|totals| totals.split_whitespace().next()?.parse().ok());
    instructions.filter(|count| *count > 0).ok_or_else(|| unreadable("no instruction was counted".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_profile_is_read_and_an_empty_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let profile = directory.path().join("callgrind.on.back");
        fs::write(&profile, "version: 1\nsummary: 12\nfn=(1) a\n3 12\n\ntotals: 4711\n").unwrap();
        assert_eq!(total(&profile).unwrap(), 4711);
        fs::write(&profile, "version: 1\ntotals: 0\n").unwrap();
        assert!(total(&profile).is_err());
    }
}
