//! Just enough of HTTP/1.1 for a load generator and a receiver that cost less than what they measure.

/// A message's head is read in one piece of a socket, two at most; what is longer is not from our own programs.
const MOST_HEAD_BYTES: usize = 64 * 1024;

/// Where a message's parts end, in the bytes read so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Bytes of the head, the empty line included.
    pub head: usize,
    /// Bytes of the body.
    pub body: usize,
}

impl Extent {
    /// Of the message that `bytes` begin with, as soon as its head is whole. A message without `Content-Length` has no body
    /// (RFC 9112 section 6.3); chunks are not understood.
    ///
    /// # Errors
    /// When it is no message that this understands.
    pub fn of(bytes: &[u8]) -> Result<Option<Self>, &'static str> {
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return if bytes.len() > MOST_HEAD_BYTES { Err("a head without an end") } else { Ok(None) };
        };
        let head = head + 4;
        let text = bytes.get(..head).and_then(|head| std::str::from_utf8(head).ok()).ok_or("a head that is no text")?;
        let mut body = 0;
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                body = value.trim().parse().map_err(|_| "a length that is no number")?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err("chunks");
            }
        }
        Ok(Some(Self { head, body }))
    }

    /// Bytes of the whole message.
    pub fn total(self) -> usize {
        self.head + self.body
    }
}

/// The status of an answer.
pub fn status(head: &[u8]) -> Option<u16> {
    std::str::from_utf8(head.get(9..12)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_length_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more";
        assert_eq!(Extent::of(answer), Ok(Some(Extent { head: 38, body: 5 })));
        assert_eq!(status(answer), Some(200));
        assert_eq!(Extent::of(b"HTTP/1.1 200 OK\r\nContent-"), Ok(None));
        assert_eq!(Extent::of(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"), Ok(Some(Extent { head: 27, body: 0 })));
        assert!(Extent::of(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
