//! The enumerations of a span: its kind and its status code.

/// `Span.SpanKind` of OTLP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanKind {
    /// Not said; to be read as internal.
    #[default]
    Unspecified,
    /// Work inside an application.
    Internal,
    /// The handling of a remote request.
    Server,
    /// A request to a remote service.
    Client,
    /// The sending of a message that is handled later.
    Producer,
    /// The handling of a message.
    Consumer,
}

impl SpanKind {
    /// The number of this kind on the wire.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The kind of a number on the wire. Numbers of a later version are `Unspecified`.
    pub const fn from_number(number: i32) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }

    /// The kind in lower case, as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// `Status.StatusCode` of OTLP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusCode {
    /// Nobody judged.
    #[default]
    Unset,
    /// Judged a success by the application.
    Ok,
    /// Failed.
    Error,
}

impl StatusCode {
    /// The number of this code on the wire.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The code of a number on the wire. Numbers of a later version are `Unset`.
    pub const fn from_number(number: i32) -> Self {
        match number {
            1 => Self::Ok,
            2 => Self::Error,
            _ => Self::Unset,
        }
    }

    /// The code in lower case, as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}
