//! Which process holds a TCP port of this machine, and which port nobody holds.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

/// `st` of a listening socket in /proc/net/tcp (include/net/tcp_states.h).
const LISTENING: &str = "0A";
/// Where the kernel says which ports it gives to whoever asks for any (ip(7)): its first and its last.
const KERNELS_OWN: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// The first port given out: beyond nearly all that programs usually listen on.
const FIRST: u16 = 20_000;
/// How many ports below the kernel's own are enough to choose from: two processes that choose a dozen each seldom
/// meet. With fewer the kernel chooses.
const ENOUGH: usize = 1_000;
/// How often the kernel may choose a port that was given out before, until it is taken to have no other.
const KERNELS_CHOICES: usize = 100;
/// How many ports are remembered: what is given out takes them within seconds, and begins far fewer at a time.
const MOST_GIVEN: usize = 2_000;
/// The ports that were given out: whoever was given one may not listen on it yet.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
/// Where this process begins to choose. Others begin elsewhere, and go on from there as well: so they seldom meet.
static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));

/// Who listens on a port, as far as this user may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A process whose descriptors we may read.
    Process {
        /// Its id.
        pid: u32,
        /// Its command name.
        command: String,
    },
    /// A process of another user.
    User {
        /// That user's id.
        uid: u32,
    },
    /// Nothing in /proc says who: another network namespace, or gone by now.
    Unknown,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, command } => write!(f, "{command} (pid {pid})"),
            Self::User { uid } => write!(f, "a process of another user (uid {uid})"),
            Self::Unknown => write!(f, "a process that cannot be named"),
        }
    }
}

/// The holder of 127.0.0.1:`port`, or `None` when it can be listened on.
#[must_use]
pub fn holder(port: u16) -> Option<Holder> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
        return None;
    }
    Some(named_holder(port))
}

/// A port of 127.0.0.1 that nobody listens on, and that this process has not been given before.
///
/// It is not one of those that the kernel gives to connections and to listeners that take any, so that none of them
/// has it by the time it is used. Another process may: the user tries again.
///
/// # Errors
///
/// No port is left, or the kernel gives none: its error.
pub fn free() -> std::io::Result<u16> {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let kernels_own = fs::read_to_string(KERNELS_OWN).unwrap_or_default();
    // Where all were given out, the first ones were so long ago.
    if given.len() >= MOST_GIVEN {
        given.clear();
    }
    // 0 lets the kernel choose.
    for candidate in candidates(&kernels_own).chain([0; KERNELS_CHOICES]) {
        if given.contains(&candidate) {
            continue;
        }
        match TcpListener::bind((Ipv4Addr::LOCALHOST, candidate)).and_then(|listener| listener.local_addr()) {
            Ok(address) if given.insert(address.port()) => return Ok(address.port()),
            Err(error) if candidate == 0 => return Err(error),
            _ => {}
        }
    }
    Err(ErrorKind::AddrNotAvailable.into())
}

/// The ports below the kernel's own, each once, beginning where this process does.
fn candidates(kernels_own: &str) -> impl Iterator<Item = u16> + use<> {
    let below = kernels_own.split_ascii_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(FIRST);
    let range: Range<u16> = if usize::from(below.saturating_sub(FIRST)) < ENOUGH { 0..0 } else { FIRST..below };
    let start = usize::try_from(*START % (range.len() as u64).max(1)).unwrap_or(0);
    let length = range.len();
    range.cycle().skip(start).take(length)
}

fn named_holder(port: u16) -> Holder {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let listeners: Vec<Listener> = tables.iter().flat_map(|table| listeners(table, port)).collect();
    listeners
        .iter()
        .find_map(|listener| process_with_socket(listener.inode))
        .or_else(|| listeners.first().map(|listener| Holder::User { uid: listener.uid }))
        .unwrap_or(Holder::Unknown)
}

#[derive(Debug, PartialEq, Eq)]
struct Listener {
    uid: u32,
    inode: u64,
}

/// The listeners on a port in a table of the form of /proc/net/tcp (proc(5)).
fn listeners(table: &str, port: u16) -> Vec<Listener> {
    let entry = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (_, local_port) = fields.get(1)?.rsplit_once(':')?;
        let matches = u16::from_str_radix(local_port, 16) == Ok(port) && *fields.get(3)? == LISTENING;
        matches.then_some(Listener { uid: fields.get(7)?.parse().ok()?, inode: fields.get(9)?.parse().ok()? })
    };
    table.lines().skip(1).filter_map(entry).collect()
}

fn process_with_socket(inode: u64) -> Option<Holder> {
    let wanted = format!("socket:[{inode}]");
    let holders = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let descriptors = fs::read_dir(entry.path().join("fd")).ok()?;
        let holds = descriptors
            .filter_map(|descriptor| fs::read_link(descriptor.ok()?.path()).ok())
            .any(|target| target.as_os_str() == wanted.as_str());
        holds.then_some(pid)
    });
    // A server's children hold its listener too; the first of them by age is the server.
    let pid = holders.min()?;
    let command = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(Holder::Process { pid, command: command.trim_end().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_has_no_holder_and_an_occupied_one_names_this_process() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let Some(Holder::Process { pid, command }) = holder(port) else { panic!("no process named") };
        assert_eq!(pid, std::process::id());
        assert!(!command.is_empty());
        drop(listener);
        assert_eq!(holder(port), None);
    }

    #[test]
    fn no_port_is_given_out_twice_nor_one_that_somebody_listens_on() {
        let mut ports = BTreeSet::new();
        for _ in 0..1_000 {
            let port = free().unwrap();
            assert_eq!(holder(port), None, "somebody has {port}");
            assert!(ports.insert(port), "{port} came twice");
        }
    }

    #[test]
    fn ports_are_chosen_below_the_kernels_own_each_once() {
        let all: BTreeSet<u16> = candidates("32768\t60999\n").collect();
        assert_eq!((all.first(), all.last(), all.len()), (Some(&20_000), Some(&32_767), 12_768));
        assert_eq!(candidates("32768\t60999\n").count(), 12_768);
    }

    #[test]
    fn where_the_kernels_own_leave_no_room_it_chooses() {
        for kernels_own in ["1024\t65535\n", "", "none"] {
            assert_eq!(candidates(kernels_own).next(), None, "{kernels_own:?}");
        }
    }

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4711 1 0 100 0 0 10 0\n\
             1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000    33        0 4712 1 0 100 0 0 10 0\n\
             2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4713 1 0 100 0 0 10 0\n\
             torn line\n";
        assert_eq!(listeners(table, 8080), [Listener { uid: 33, inode: 4711 }]);
    }
}
