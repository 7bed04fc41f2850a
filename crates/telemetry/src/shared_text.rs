//! Texts that come again and again, such as a caller's User-Agent, kept for the next time instead of being copied.
//!
//! Each thread has a table of its own: nothing is locked. What is new takes the place of what was there, so a client that
//! sends something else each time costs what a copy costs, and no more memory than the table has.

use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::Arc;

use crate::peer;

/// Places of each table; a power of two. A service has a handful of callers and of services that it calls.
const PLACES: usize = 64;
/// Longer texts are copied: a full table is 16 KiB a thread, whatever clients send.
const MOST_BYTES: usize = 256;

/// `host[:port]` as it came, and what it says.
type Authority = (Box<str>, Arc<str>, Option<u16>);

type Table<T> = RefCell<[Option<T>; PLACES]>;

thread_local! {
    static TEXTS: Table<Arc<str>> = const { RefCell::new([const { None }; PLACES]) };
    static ADDRESSES: Table<(IpAddr, Arc<str>)> = const { RefCell::new([const { None }; PLACES]) };
    static AUTHORITIES: Table<Authority> = const { RefCell::new([const { None }; PLACES]) };
}

/// The text, shared with all who asked for it lately.
pub(crate) fn text(text: &str) -> Arc<str> {
    if text.len() > MOST_BYTES {
        return Arc::from(text);
    }
    // Neither fails but at a thread's very end.
    let kept = TEXTS.try_with(|texts| {
        let mut texts = texts.try_borrow_mut().ok()?;
        let place = texts.get_mut(place_of(text.as_bytes()))?;
        match place {
            Some(kept) if **kept == *text => Some(Arc::clone(kept)),
            _ => Some(Arc::clone(place.insert(Arc::from(text)))),
        }
    });
    kept.ok().flatten().unwrap_or_else(|| Arc::from(text))
}

/// The address as text. One that is IPv4 inside of IPv6 (`::ffff:192.0.2.1`) is written as what it is.
pub(crate) fn address(address: IpAddr) -> Arc<str> {
    let address = address.to_canonical();
    let kept = ADDRESSES.try_with(|addresses| {
        let mut addresses = addresses.try_borrow_mut().ok()?;
        let place = match address {
            IpAddr::V4(address) => place_of(&address.octets()),
            IpAddr::V6(address) => place_of(&address.octets()),
        };
        let place = addresses.get_mut(place)?;
        match place {
            Some((kept, text)) if *kept == address => Some(Arc::clone(text)),
            _ => Some(Arc::clone(&place.insert((address, address.to_string().into())).1)),
        }
    });
    kept.ok().flatten().unwrap_or_else(|| address.to_string().into())
}

/// Host and port of `host[:port]`, as [`peer::host_and_port`] reads them.
pub(crate) fn host_and_port(authority: &str) -> (Arc<str>, Option<u16>) {
    let read = || {
        let (host, port) = peer::host_and_port(authority);
        (Arc::from(host), port)
    };
    if authority.len() > MOST_BYTES {
        return read();
    }
    let kept = AUTHORITIES.try_with(|authorities| {
        let mut authorities = authorities.try_borrow_mut().ok()?;
        let place = authorities.get_mut(place_of(authority.as_bytes()))?;
        match place {
            Some((kept, host, port)) if **kept == *authority => Some((Arc::clone(host), *port)),
            _ => {
                let (host, port) = read();
                *place = Some((authority.into(), Arc::clone(&host), port));
                Some((host, port))
            }
        }
    });
    kept.ok().flatten().unwrap_or_else(read)
}

/// Some place; the same one for the same bytes. Texts that share a place only push each other out.
fn place_of(bytes: &[u8]) -> usize {
    let (head, tail) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>());
    let word = |chunk: Option<&[u8; 4]>| chunk.map_or(0, |chunk| u32::from_le_bytes(*chunk));
    let mixed = (word(head).rotate_left(7) ^ word(tail)).wrapping_mul(0x9e37_79b9);
    ((mixed >> 16) as usize ^ bytes.len()) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_shared_and_another_is_not_mistaken_for_it() {
        let first = text("curl/8");
        assert!(Arc::ptr_eq(&first, &text("curl/8")));
        for other in (0..1_000).map(|number| format!("client {number}")) {
            assert_eq!(*text(&other), *other);
        }
        assert_eq!(*text("curl/8"), *first);
        let long = "a".repeat(MOST_BYTES + 1);
        assert!(!Arc::ptr_eq(&text(&long), &text(&long)), "{} bytes were kept", long.len());
    }

    #[test]
    fn a_host_is_read_once_and_always_the_same() {
        for (authority, host, port) in
            [("web:80", "web", Some(80)), ("[::1]", "::1", None), ("web:81", "web", Some(81))]
        {
            for _ in 0..2 {
                let read = host_and_port(authority);
                assert_eq!((&*read.0, read.1), (host, port));
            }
        }
    }

    #[test]
    fn addresses_are_written_as_what_they_are() {
        for (given, written) in
            [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1")]
        {
            assert_eq!(*address(given.parse().expect("an address")), *written);
            assert!(Arc::ptr_eq(&address(given.parse().expect("an address")), &address(written.parse().expect("one"))));
        }
    }
}
