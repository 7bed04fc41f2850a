//! Building the real backends into the cache folder, for `cargo stack install-backends`.
//!
//! - `recipe` says what is built from what; Tempo is in no package registry and is only ever found.
//! - `go` finds Go, `module` writes the go.mod that a program is built from, `build` does it, `work` tells how it goes.
//!
//! One at a time per cache folder: a lock. A build happens in a folder beside the finished ones and is renamed into its
//! place, so that whatever is there is whole.

mod build;
mod go;
mod module;
mod recipe;
mod work;

use crate::failure::{Failure, INTERRUPTED};
use crate::terminal::Terminal;
use go::Go;
use native::backends::{Program, cache_directory};
use recipe::Recipe;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use work::Work;

/// Beside the finished programs: what is being built now.
const BUILDING: &str = "building";
/// Held while something is built.
const LOCK: &str = "install.lock";
/// How often the lock is tried while another one has it, which is minutes.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What became of one program.
pub struct Installed {
    /// The program.
    pub program: Program,
    /// Where it is, or why it is not there.
    pub outcome: Result<PathBuf, Failure>,
    /// How long it was built; `None` for what was there or could not be begun.
    pub seconds: Option<u64>,
}

/// How the caller wants to be told, and how it interrupts.
pub struct Told<'a> {
    /// Where lines go.
    pub terminal: &'a Terminal,
    /// Only a line that changes, no others.
    pub silent: bool,
    /// Set when it is to be ended.
    pub interrupted: &'a AtomicBool,
}

/// Whether this is built here at all.
pub fn is_built_here(program: Program) -> bool {
    Recipe::of(program).is_some()
}

/// The version that is built here.
pub fn version(program: Program) -> Option<&'static str> {
    Recipe::of(program).map(|recipe| recipe.version)
}

/// Builds what is missing of these; `each` is told of every one. Fails when nothing can be begun, or when it is
/// interrupted.
pub fn install(programs: &[Program], told: &Told, mut each: impl FnMut(&Installed)) -> Result<Vec<Installed>, Failure> {
    let mut all = Vec::new();
    let mut missing = Vec::new();
    for recipe in programs.iter().filter_map(|program| Recipe::of(*program)) {
        match recipe.program.find() {
            Ok(path) => all.push(Installed { program: recipe.program, outcome: Ok(path), seconds: None }),
            Err(native::Error::NotInstalled { .. }) => missing.push(recipe),
            Err(wrong) => return Err(Failure::cannot(wrong.to_string())),
        }
    }
    all.iter().for_each(&mut each);
    let Some(newest) = missing.iter().map(|recipe| recipe.go).max() else { return Ok(all) };
    let go = Go::find(newest)?;
    if missing.iter().all(|recipe| go.suffices(recipe.go).is_err()) {
        go.suffices(newest).map_err(Failure::cannot)?;
    }
    let folder = cache_directory()?.join("backends");
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::cannot(format!("{} cannot be made: {error}", folder.display())))?;
    let lock = lock(&folder, told)?;
    for recipe in missing {
        let begun = Instant::now();
        let outcome = one(&recipe, &go, &folder, told, begun);
        if let Err(Failure { code: INTERRUPTED, message }) = outcome {
            return Err(Failure { code: INTERRUPTED, message });
        }
        let seconds = outcome.is_ok().then(|| begun.elapsed().as_secs());
        all.push(Installed { program: recipe.program, outcome, seconds });
        all.last().into_iter().for_each(&mut each);
    }
    drop(lock);
    Ok(all)
}

fn one(recipe: &Recipe, go: &Go, folder: &Path, told: &Told, begun: Instant) -> Result<PathBuf, Failure> {
    // Somebody else may have built it while we waited.
    if let Ok(path) = recipe.program.find() {
        return Ok(path);
    }
    go.suffices(recipe.go).map_err(Failure::cannot)?;
    let name = recipe.program.name();
    let Some(target) = recipe.program.cached()? else {
        return Err(Failure::failed(format!("{name} has no place in the cache folder")));
    };
    let building = folder.join(BUILDING);
    // What a killed one has left; its lock went with it.
    remove(&building)?;
    fs::create_dir_all(&building)?;
    let log = folder.join(format!("{name}.log"));
    let _ = fs::remove_file(&log);
    let work =
        Work { terminal: told.terminal, silent: told.silent, interrupted: told.interrupted, log: log.clone(), begun };
    let built = build::build(recipe, go, &building, &target, &work);
    remove(&building)?;
    if !matches!(&built, Err(Failure { code, .. }) if *code != INTERRUPTED) {
        // Of use only for whoever asks why it failed.
        let _ = fs::remove_file(&log);
    }
    built.map(|()| target)
}

fn lock(folder: &Path, told: &Told) -> Result<File, Failure> {
    let path = folder.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| Failure::cannot(format!("{}: {error}", path.display())))?;
    let mut said = told.silent;
    while file.try_lock().is_err() {
        if told.interrupted.load(Ordering::Relaxed) {
            return Err(work::interruption());
        }
        if !said {
            told.terminal.step("another cargo stack install-backends is building; waiting for it");
            said = true;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(file)
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::failed(format!("cannot delete {}: {error}", folder.display())))
        }
        _ => Ok(()),
    }
}
