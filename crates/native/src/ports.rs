//! Which process holds a TCP port of this machine.

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};

/// `st` of a listening socket in /proc/net/tcp (include/net/tcp_states.h).
const LISTENING: &str = "0A";

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

/// A port that was free a moment ago. Somebody may take it before it is used: the user tries again.
pub fn free() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
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
    fn only_listening_sockets_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4711 1 0 100 0 0 10 0\n\
             1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000    33        0 4712 1 0 100 0 0 10 0\n\
             2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4713 1 0 100 0 0 10 0\n\
             torn line\n";
        assert_eq!(listeners(table, 8080), [Listener { uid: 33, inode: 4711 }]);
    }
}
