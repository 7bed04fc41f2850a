//! The command line of a program: which half of the chain it is, where it listens, whom it asks.

use std::net::SocketAddr;

/// What is said when the command line is not understood.
const USAGE: &str = "usage: front|back ADDRESS URL, where URL is the back's or the database's";

/// The half of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Asks the other one.
    Front,
    /// Asks PostgreSQL.
    Back,
}

/// The command line.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The half of the chain.
    pub role: Role,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The back's URL, or the database's.
    pub upstream: String,
}

impl Invocation {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    /// How they should have been.
    pub fn of_process() -> Result<Self, String> {
        Self::parse(std::env::args().skip(1)).ok_or_else(|| USAGE.to_owned())
    }

    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let role = match arguments.next()?.as_str() {
            "front" => Role::Front,
            "back" => Role::Back,
            _ => return None,
        };
        let listen = arguments.next()?.parse().ok()?;
        Some(Self { role, listen, upstream: arguments.next()? })
    }
}
