//! The programs that are measured, built as the image builds its own.

use super::mode::Program;
use crate::compile;
use crate::failure::Failure;
use native::state::checkout;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The profile in both workspaces.
const PROFILE: &str = "measured";
/// The workspace of the usual crates, in the checkout.
const USUAL_CRATES: &str = "bench/usual-crates/Cargo.toml";
/// Where that workspace is built, beside the checkout's own target directory.
const USUAL_TARGET: &str = "target/usual-crates";
/// The services of the full chain, the last one first.
pub const SERVICES: [&str; 3] = ["audit-service", "order-service", "user-service"];
/// The feature of each service that leaves this project's middlewares out.
const PASSTHROUGH: &str = "passthrough";

/// Which programs are needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needed {
    /// The two-service chain.
    pub chain: bool,
    /// The same with the usual crates.
    pub usual: bool,
    /// What measures one span.
    pub micro: bool,
    /// What makes many.
    pub spans: bool,
    /// The services of the full chain, with and without telemetry.
    pub services: bool,
}

/// Where the built programs are.
#[derive(Debug, Clone)]
pub struct Programs {
    own: PathBuf,
    usual: PathBuf,
    services: PathBuf,
    passthrough: PathBuf,
}

impl Programs {
    /// Builds those that are needed. What is there already is not built again.
    pub fn build(needed: Needed, tell: &dyn Fn(&str)) -> Result<Self, Failure> {
        let target = checkout().join("target");
        let own = target.join(PROFILE);
        let programs = Self {
            usual: checkout().join(USUAL_TARGET).join(PROFILE),
            services: own.join("services"),
            passthrough: own.join("services-passthrough"),
            own,
        };
        let mut packages = Vec::new();
        if needed.chain || needed.spans {
            packages.extend(["--package", "bench-chain"]);
        }
        if needed.micro {
            packages.extend(["--package", "bench-micro"]);
        }
        if !packages.is_empty() {
            tell("building what is measured, optimised as for a release (the first time takes minutes)");
            compile::build(["--profile", PROFILE].into_iter().chain(packages), "what is measured")?;
        }
        if needed.usual {
            tell("building the same chain with the usual crates");
            let usual = checkout().join(USUAL_CRATES);
            let manifest = usual.to_string_lossy();
            let place = ["--manifest-path", manifest.as_ref(), "--target-dir", USUAL_TARGET, "--locked"];
            compile::build(["--profile", PROFILE].into_iter().chain(place), "the usual crates")?;
        }
        if needed.services {
            programs.build_services(tell)?;
        }
        Ok(programs)
    }

    /// The file of one of the chain's programs.
    pub fn of_chain(&self, program: Program) -> PathBuf {
        let directory = match program {
            Program::Untraced | Program::Traced => &self.own,
            Program::UsualUntraced | Program::UsualTraced => &self.usual,
        };
        directory.join(program.file())
    }

    /// What measures one span.
    pub fn micro(&self) -> PathBuf {
        self.own.join("bench-micro")
    }

    /// What makes many spans.
    pub fn spans(&self) -> PathBuf {
        self.own.join("bench-spans")
    }

    /// A service of the full chain.
    pub fn service(&self, name: &str, traced: bool) -> PathBuf {
        if traced { self.services.join(name) } else { self.passthrough.join(name) }
    }

    /// Both builds go through one target directory, whose dependencies are built once. cargo puts a program of either
    /// to the same place, so each is copied away.
    fn build_services(&self, tell: &dyn Fn(&str)) -> Result<(), Failure> {
        let features = SERVICES.map(|service| format!("{service}/{PASSTHROUGH}")).join(",");
        let passthrough = ["--features", features.as_str()];
        for (name, directory, more) in [
            ("the services without telemetry", &self.passthrough, &passthrough[..]),
            ("the services", &self.services, &[][..]),
        ] {
            tell(&format!("building {name}, optimised as for a release (the first time takes minutes)"));
            let packages = SERVICES.iter().flat_map(|package| ["--package", package]);
            let arguments = ["--profile", PROFILE].into_iter().chain(packages).chain(more.iter().copied());
            let built = compile::build(arguments, name)?;
            fs::create_dir_all(directory)?;
            for program in &built {
                copy_to(program, directory)?;
            }
        }
        Ok(())
    }
}

/// A program's file once more, in pages of its own, deleted when dropped; a process that runs it stays.
///
/// Which pages of memory a file happens to lie in stays as it is from one start to the next, and makes a program faster or
/// slower by some per cent. With a copy for each start that is chance, and not part of a mode's figure.
#[derive(Debug)]
pub struct Copied(PathBuf);

impl Copied {
    /// Copies a program, to a file beside it.
    pub fn of(program: &Path) -> Result<Self, Failure> {
        static COPIES: AtomicU64 = AtomicU64::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let copied = Self(program.with_extension(format!("{}-{number}", std::process::id())));
        fs::copy(program, &copied.0)?;
        Ok(copied)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // What cannot be deleted is in the build's directory, which is deleted as a whole.
        let _ = fs::remove_file(&self.0);
    }
}

fn copy_to(program: &Path, directory: &Path) -> Result<(), Failure> {
    let Some(name) = program.file_name() else { return Ok(()) };
    fs::copy(program, directory.join(name))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_another_file_with_the_same_bytes_and_goes_away() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("program");
        fs::write(&program, "bytes").unwrap();
        let (first, second) = (Copied::of(&program).unwrap(), Copied::of(&program).unwrap());
        assert_ne!(first.path(), second.path());
        assert_eq!(fs::read(second.path()).unwrap(), b"bytes");
        drop((first, second));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
