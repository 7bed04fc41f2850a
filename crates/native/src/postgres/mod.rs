//! A PostgreSQL cluster of our own, 15 to 18: its files, its server, its databases.
//!
//! Connections are by TCP on 127.0.0.1 with a password (SCRAM); there is no unix socket. The cluster of the
//! system, where there is one, is neither used nor touched.

mod binaries;
mod bootstrap;
mod cluster;
mod files;
mod passwords;
mod prepared;
mod temporary;

pub use binaries::Binaries;
pub use bootstrap::BOOTSTRAP;
pub use cluster::Cluster;
pub use passwords::{Passwords, ROLES};
pub use prepared::{Durability, PreparedCluster, SERVER_STOP, SUPERUSER};
pub use temporary::TemporaryCluster;
