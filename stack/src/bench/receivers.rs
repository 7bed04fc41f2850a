//! Receivers of OTLP as they are when something is wrong with them, and one that is well.

use super::message::Extent;
use super::sink::Sink;
use crate::failure::Failure;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// What somebody answers who does not speak HTTP.
const NO_HTTP: &[u8] = b"\x16\x03\x01 220 mail.example.com ready\r\n\r\n";
/// 200, and a body that is no message of protobuf: its first field has a number that there is not, and no end.
const NO_OTLP: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 4\r\n\r\n\xff\xff\xff\xff";
/// A receiver with too much to do, which does not say for how long.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// How a receiver behaves, for as long as it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes everything at once.
    Healthy,
    /// Nobody listens.
    Refused,
    /// Reads, and never answers.
    Silent,
    /// Answers what is no HTTP.
    Garbage,
    /// Answers 200 with a body that is no OTLP.
    BrokenBody,
    /// Answers 503.
    Busy,
}

impl Behaviour {
    /// All of them. The one that is well comes first: the others are compared with it.
    pub const ALL: [Self; 6] =
        [Self::Healthy, Self::Refused, Self::Silent, Self::Garbage, Self::BrokenBody, Self::Busy];

    /// In JSON and in files' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Refused => "refused",
            Self::Silent => "silent",
            Self::Garbage => "garbage",
            Self::BrokenBody => "broken-body",
            Self::Busy => "busy",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Healthy => "takes everything",
            Self::Refused => "refused: nobody listens",
            Self::Silent => "silent: never answers",
            Self::Garbage => "answers what is no HTTP",
            Self::BrokenBody => "200 with a broken body",
            Self::Busy => "503 all the time",
        }
    }
}

/// A receiver; it ends when dropped.
pub struct Receiver(Kind);

enum Kind {
    Counting(Sink),
    /// Its port is taken and nobody listens on it: whoever connects is refused, and nobody else can get the port.
    Deaf(SocketAddr, #[expect(dead_code, reason = "holds the port until it is dropped")] TcpSocket),
    Wrong(SocketAddr, #[expect(dead_code, reason = "its drop ends the thread")] oneshot::Sender<()>),
}

impl Receiver {
    /// On a free port of 127.0.0.1.
    pub fn start(behaviour: Behaviour) -> Result<Self, Failure> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(Self(match behaviour {
            Behaviour::Healthy => Kind::Counting(Sink::start(Duration::ZERO)?),
            Behaviour::Refused => {
                let socket = TcpSocket::new_v4()?;
                socket.bind(anywhere)?;
                Kind::Deaf(socket.local_addr()?, socket)
            }
            Behaviour::Silent | Behaviour::Garbage | Behaviour::BrokenBody | Behaviour::Busy => {
                let listener = std::net::TcpListener::bind(anywhere)?;
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                Kind::Wrong(address, serve(listener, behaviour)?)
            }
        }))
    }

    /// `OTEL_EXPORTER_OTLP_ENDPOINT` of those that export to it.
    pub fn endpoint(&self) -> String {
        match &self.0 {
            Kind::Counting(sink) => sink.endpoint(),
            Kind::Deaf(address, _) | Kind::Wrong(address, _) => format!("http://{address}"),
        }
    }

    /// Spans that it has taken.
    pub fn spans(&self) -> u64 {
        match &self.0 {
            Kind::Counting(sink) => sink.spans(),
            Kind::Deaf(..) | Kind::Wrong(..) => 0,
        }
    }
}

fn serve(listener: std::net::TcpListener, behaviour: Behaviour) -> Result<oneshot::Sender<()>, Failure> {
    let (stop, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            tokio::select! {
                () = accept(listener, behaviour) => {}
                _ = stopped => {}
            }
        });
    });
    Ok(stop)
}

async fn accept(listener: TcpListener, behaviour: Behaviour) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // A sender that goes away has nothing to be told.
            let _ = answer(stream, behaviour).await;
        });
    }
}

async fn answer(mut stream: TcpStream, behaviour: Behaviour) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let reply = match behaviour {
            Behaviour::Garbage => return stream.write_all(NO_HTTP).await,
            Behaviour::BrokenBody => NO_OTLP,
            Behaviour::Busy => BUSY,
            // The others have no answer, and are not served here.
            Behaviour::Silent | Behaviour::Healthy | Behaviour::Refused => {
                bytes.clear();
                continue;
            }
        };
        while let Some(extent) = Extent::of(&bytes).map_err(std::io::Error::other)? {
            if bytes.len() < extent.total() {
                break;
            }
            bytes.drain(..extent.total());
            stream.write_all(reply).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};

    const EXPORT: &[u8] = b"POST /v1/traces HTTP/1.1\r\ncontent-length: 2\r\n\r\nxx";

    fn connect(receiver: &Receiver) -> std::io::Result<std::net::TcpStream> {
        let stream = std::net::TcpStream::connect(receiver.endpoint().trim_start_matches("http://"))?;
        (&stream).write_all(EXPORT)?;
        Ok(stream)
    }

    fn answers(behaviour: Behaviour, expected: &[u8]) -> std::net::TcpStream {
        let receiver = Receiver::start(behaviour).unwrap();
        let mut stream = connect(&receiver).unwrap();
        let mut answer = vec![0; expected.len()];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, expected, "{behaviour:?}");
        assert_eq!(receiver.spans(), 0);
        stream
    }

    #[test]
    fn whoever_connects_where_nobody_listens_is_refused() {
        let receiver = Receiver::start(Behaviour::Refused).unwrap();
        assert_eq!(connect(&receiver).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }

    #[test]
    fn wrong_receivers_answer_what_they_are_to_answer() {
        answers(Behaviour::BrokenBody, NO_OTLP);
        answers(Behaviour::Busy, BUSY);
        let mut rest = Vec::new();
        answers(Behaviour::Garbage, NO_HTTP).read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "the connection closes then");
    }

    #[test]
    fn a_silent_receiver_takes_all_bytes_and_gives_none() {
        let receiver = Receiver::start(Behaviour::Silent).unwrap();
        let mut stream = connect(&receiver).unwrap();
        // More than the buffers between the two hold, so that the write ends only where it is read.
        stream.write_all(&vec![0; 16 << 20]).unwrap();
        stream.set_nonblocking(true).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}
