//! A bounded set of names for why no answer came: `error.type`.

use std::error::Error as _;
use std::io::ErrorKind;

use reqwest::Error;

/// The name for this error; what is not foreseen is `_OTHER`.
pub(super) fn reason(error: &Error) -> &'static str {
    if error.is_timeout() {
        return "timeout";
    }
    if error.is_connect() {
        return connecting(error);
    }
    if error.is_redirect() {
        "redirect"
    } else if error.is_body() || error.is_decode() {
        "bad_answer"
    } else if error.is_request() {
        "connection_lost"
    } else {
        "_OTHER"
    }
}

/// Why there is no connection, as the operating system says it; `connection_failed` is everything that it has no word for,
/// such as a name that nobody has, or a certificate that is not trusted.
fn connecting(error: &Error) -> &'static str {
    let mut source = error.source();
    while let Some(error) = source {
        match error.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
            Some(ErrorKind::ConnectionRefused) => return "connection_refused",
            Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => return "unreachable",
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof) => {
                return "connection_lost";
            }
            Some(ErrorKind::TimedOut) => return "timeout",
            _ => source = error.source(),
        }
    }
    "connection_failed"
}
