//! Starting a child that dies with this process.

use super::spec::Spec;
use crate::{Error, Result};
use nix::sys::prctl::set_pdeathsig;
use nix::unistd::getppid;
use std::io::PipeReader;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};

type Request = (Command, Sender<std::io::Result<Child>>);

/// Starts the child in a process group of its own; the reader has its standard output and error.
pub(super) fn spawn(spec: &Spec) -> Result<(Child, PipeReader)> {
    let failed = |source| Error::Spawn { program: spec.program.clone(), source };
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    let mut command = spec.command();
    command.stdout(writer.try_clone().map_err(failed)?).stderr(writer).process_group(0);
    if let Some(user) = spec.user {
        command.uid(user.uid).gid(user.gid);
    }
    die_with_us(&mut command, spec.death_signal);
    let (reply, answer) = channel();
    let gone = || Error::Unusable("the thread that starts processes has ended".into());
    let sent = spawner().lock().unwrap_or_else(PoisonError::into_inner).send((command, reply));
    sent.map_err(|_| gone())?;
    let child = answer.recv().map_err(|_| gone())?.map_err(failed)?;
    Ok((child, reader))
}

/// The thread all children come from. The kernel sends the death signal when the starting *thread* ends
/// (prctl(2), PR_SET_PDEATHSIG), so it must be one that lives as long as the process.
fn spawner() -> &'static Mutex<Sender<Request>> {
    static SPAWNER: OnceLock<Mutex<Sender<Request>>> = OnceLock::new();
    SPAWNER.get_or_init(|| {
        let (requests, inbox) = channel::<Request>();
        std::thread::spawn(move || {
            for (mut command, reply) in inbox {
                let _ = reply.send(command.spawn());
            }
        });
        Mutex::new(requests)
    })
}

#[allow(unsafe_code)]
fn die_with_us(command: &mut Command, signal: nix::sys::signal::Signal) {
    let parent = nix::unistd::getpid();
    let request_signal = move || {
        set_pdeathsig(signal)?;
        // The parent may have died before the signal was requested; then nothing would be sent.
        if getppid() == parent { Ok(()) } else { Err(std::io::ErrorKind::BrokenPipe.into()) }
    };
    // SAFETY: between fork and exec only prctl(2) and getppid(2) are called, both async-signal-safe; nothing
    // is allocated. It runs after the change of user, which would clear the request.
    unsafe { command.pre_exec(request_signal) };
}
