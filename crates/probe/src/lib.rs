//! Asking a program over HTTP whether it is ready: by whoever started it, and by a container's health check.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A program on the same machine, or in the next container, answers at once or is not ready.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// A status line and a short reason.
const ANSWER_BYTES: u64 = 8 * 1024;
/// How much of a reason is repeated: it has to fit in a line.
const REASON_CHARACTERS: usize = 300;

/// The argument with which our own programs ask themselves instead of starting.
pub const HEALTHCHECK: &str = "healthcheck";

/// Whether `GET path` is answered with 200 there, such as `127.0.0.1:5001` or `("tempo", 3200)`. The error says in a line
/// what came instead.
///
/// # Errors
/// When nobody answers in two seconds, or the answer is not 200.
pub fn http_answers(address: impl ToSocketAddrs, path: &str) -> Result<(), String> {
    let answer = get(address, path).map_err(|error| format!("no answer yet ({error})"))?;
    let status = answer.split_ascii_whitespace().nth(1).unwrap_or("no status");
    if status == "200" {
        return Ok(());
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason: String = words.chars().take(REASON_CHARACTERS).collect();
    Err(format!("answers {status} {reason}"))
}

/// The whole of a program's `healthcheck`: asks the one that listens at `listen` in the same container. The code is 0 when
/// `path` is answered with 200, else 1, and standard error says why.
pub fn healthcheck(listen: SocketAddr, path: &str) -> ExitCode {
    match http_answers(from_inside(listen), path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{path} at {listen}: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Who listens everywhere is asked on the loopback interface: "everywhere" is no address to connect to.
fn from_inside(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn get(address: impl ToSocketAddrs, path: &str) -> io::Result<String> {
    let deadline = Instant::now() + ANSWER_LIMIT;
    let address =
        address.to_socket_addrs()?.next().ok_or_else(|| io::Error::new(ErrorKind::NotFound, "no such address"))?;
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
    // HTTP/1.0: the answer is not chunked and the connection ends with it. In one piece: who answers early may not wait for
    // a second one.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    while (answer.len() as u64) < ANSWER_BYTES {
        // A limit for all of it: who answers a byte at a time is not ready.
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&piece[..read]),
            // A machine that is halted and goes on interrupts who waits with a limit.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn only_200_is_ready_and_anything_else_is_quoted() {
        assert_eq!(http_answers(answering("HTTP/1.1 200 OK\r\n\r\nok"), "/readyz"), Ok(()));
        let refused =
            http_answers(answering("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"detail\": \"no database\"}"), "/readyz");
        assert_eq!(refused, Err("answers 503 {\"detail\": \"no database\"}".into()));
    }

    #[test]
    fn who_listens_everywhere_is_asked_on_the_loopback_interface() {
        let inside = |listen: &str| from_inside(listen.parse().unwrap()).to_string();
        assert_eq!(inside("0.0.0.0:5001"), "127.0.0.1:5001");
        assert_eq!(inside("[::]:5001"), "[::1]:5001");
        assert_eq!(inside("10.1.2.3:5001"), "10.1.2.3:5001");
    }

    #[test]
    fn a_host_that_nobody_knows_is_a_reason_and_no_panic() {
        let error = http_answers(("nobody.invalid", 80), "/").unwrap_err();
        assert!(error.starts_with("no answer yet ("), "{error}");
    }
}
