//! Why bytes are not the message they were taken for.

/// Where reading failed and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct DecodeError {
    /// The field, as message and field name of the OTLP definition.
    pub field: &'static str,
    /// What was wrong there.
    pub fault: Fault,
}

/// What can be wrong with protobuf bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes end inside of a field.
    #[error("the bytes end inside of it")]
    Truncated,
    /// A base-128 number does not fit into 64 bits.
    #[error("a number is longer than 64 bits")]
    Overlong,
    /// A field has number zero, an unknown wire type or ends a group that was not begun.
    #[error("its tag is invalid")]
    Tag,
    /// A field is encoded as another type than the definition says.
    #[error("it has the wrong wire type")]
    WireType,
    /// A text is not UTF-8.
    #[error("it is not UTF-8")]
    Utf8,
    /// Values or groups are nested too deep.
    #[error("it is nested too deep")]
    Depth,
}

impl Fault {
    pub(super) fn at(self, field: &'static str) -> DecodeError {
        DecodeError { field, fault: self }
    }
}
