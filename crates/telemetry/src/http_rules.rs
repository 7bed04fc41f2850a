//! What the spans of requests and of calls follow alike, as the settings say it.

use std::net::IpAddr;

use crate::config::{Config, Network};
use crate::methods::KnownMethods;

/// The settings of both HTTP sides.
#[derive(Clone, Debug)]
pub(crate) struct HttpRules {
    pub(crate) methods: KnownMethods,
    /// Whether queries are recorded, without what [`crate::query`] redacts.
    pub(crate) queries: bool,
    trusted_peers: Vec<Network>,
}

impl HttpRules {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            methods: KnownMethods::new(&config.known_methods),
            queries: config.queries_recorded,
            trusted_peers: config.trusted_peers.clone(),
        }
    }

    /// Whether this address may say whom it speaks for.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_peers.iter().any(|network| network.contains(address))
    }
}
