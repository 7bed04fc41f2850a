//! What the requests of one caller have in common. Most come from few callers, such as the service in front or a load
//! balancer: what was written for the last request is copied for the next one, as long as nothing of it has changed.

use std::cell::RefCell;
use std::net::IpAddr;

use actix_web::http::Version;

use crate::recording::{Block, Recording};

/// Who asks, and for what. All that a [`Callers`] block says follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller<'a> {
    pub(super) method: &'static str,
    pub(super) scheme: &'static str,
    pub(super) version: Version,
    pub(super) client: Option<IpAddr>,
    pub(super) peer: Option<IpAddr>,
    /// `host[:port]` as it was asked for. It is compared before anybody needs to know whether it is text.
    pub(super) host: Option<&'a [u8]>,
    pub(super) agent: Option<&'a [u8]>,
}

/// The last caller of a resource, on one thread.
#[derive(Debug, Default)]
pub(super) struct Callers(RefCell<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    caller: Caller<'static>,
    host: Option<Box<[u8]>>,
    agent: Option<Box<[u8]>>,
    block: Block,
}

/// Longer texts are not kept: a resource keeps little memory, whatever clients send.
const MOST_BYTES: usize = 256;

impl Callers {
    /// Adds what `describe` says of this caller, which may be copied from what it said last time.
    pub(super) fn describe(&self, caller: &Caller<'_>, span: &mut Recording, describe: impl FnOnce(&mut Recording)) {
        // Nobody else borrows it: what describes does not come back here.
        let Ok(mut kept) = self.0.try_borrow_mut() else { return describe(span) };
        if kept.as_ref().is_some_and(|kept| kept.is(caller) && span.block(&kept.block)) {
            return;
        }
        let mark = span.mark();
        describe(span);
        let is_short = |text: Option<&[u8]>| text.is_none_or(|text| text.len() <= MOST_BYTES);
        if is_short(caller.host) && is_short(caller.agent) {
            *kept = span.since(mark).map(|block| Kept::new(caller, block));
        }
    }
}

impl Kept {
    fn new(caller: &Caller<'_>, block: Block) -> Self {
        let (host, agent) = (caller.host.map(Box::from), caller.agent.map(Box::from));
        let Caller { method, scheme, version, client, peer, .. } = *caller;
        let caller = Caller { method, scheme, version, client, peer, host: None, agent: None };
        Self { caller, host, agent, block }
    }

    #[inline]
    fn is(&self, caller: &Caller<'_>) -> bool {
        self.host.as_deref() == caller.host
            && self.agent.as_deref() == caller.agent
            && self.caller == Caller { host: None, agent: None, ..*caller }
    }
}
