//! Whether, and where, a service can be asked for faults.

use std::net::SocketAddr;

use super::env::Environment;

/// From a service's usual port to the one for its faults: above the ports of other programs, and easy to remember.
const FROM_USUAL_PORT: u16 = 10_000;

/// Where faults are asked for; `None` where they are off, which they are unless `FAULTS=1`.
pub(super) fn read(usual_port: u16, environment: &Environment) -> Option<SocketAddr> {
    let usual = SocketAddr::from(([127, 0, 0, 1], usual_port.saturating_add(FROM_USUAL_PORT)));
    // Read in any case, so that a wrong one is known before somebody switches faults on.
    let listen = environment.parsed("FAULTS_LISTEN", usual, "an address with a port, such as 127.0.0.1:15001");
    match environment.get("FAULTS").as_deref() {
        None | Some("0") => None,
        Some("1") => Some(listen),
        Some(_) => {
            environment.refuse("FAULTS must be 1 (on) or 0 (off)".to_owned());
            None
        }
    }
}
