//! Names that last as long as the process: routes, span names and methods, which come from the program and its settings.
//!
//! Only those belong here: what a client can make up would fill the memory.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

static NAMES: RwLock<BTreeSet<&'static str>> = RwLock::new(BTreeSet::new());

/// The name, kept once however often it is asked for.
pub(crate) fn name(name: &str) -> &'static str {
    // A poisoned set is still a whole set: nothing panics between two of its states.
    if let Some(kept) = NAMES.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return kept;
    }
    let mut names = NAMES.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = names.get(name) {
        return kept;
    }
    let kept: &'static str = Box::leak(name.into());
    names.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_is_kept_once() {
        let (first, second) = (super::name("GET /lasting"), super::name(&["GET", "/lasting"].join(" ")));
        assert!(std::ptr::eq(first, second));
    }
}
