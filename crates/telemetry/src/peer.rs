//! `host[:port]` of a URL or of a Host header.

/// Splits `host[:port]`, with IPv6 in brackets as in URLs (RFC 3986 section 3.2.2). The brackets are not part of the host.
pub(crate) fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    if let Some(rest) = authority.strip_prefix('[') {
        return match rest.split_once(']') {
            Some((host, port)) => (host, port.strip_prefix(':').and_then(|port| port.parse().ok())),
            None => (rest, None),
        };
    }
    match authority.rsplit_once(':') {
        // More colons without brackets: an IPv6 address by itself, as some write it.
        Some((host, _)) if host.contains(':') => (authority, None),
        // Nothing after the colon is the default port (RFC 3986 section 3.2.3).
        Some((host, "")) => (host, None),
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (authority, None),
        },
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn hosts_ports_and_ipv6_are_told_apart() {
        assert_eq!(host_and_port("example.com:8080"), ("example.com", Some(8080)));
        assert_eq!(host_and_port("example.com"), ("example.com", None));
        assert_eq!(host_and_port("[::1]:5001"), ("::1", Some(5001)));
        assert_eq!(host_and_port("[::1]"), ("::1", None));
        assert_eq!(host_and_port("2001:db8::1"), ("2001:db8::1", None));
        assert_eq!(host_and_port("example.com:"), ("example.com", None));
        assert_eq!(host_and_port("[::1"), ("::1", None));
    }
}
