//! The two levels of W3C Trace Context, and where their rules differ.

/// Which level of W3C Trace Context is read and written.
///
/// | rule | level 1 | level 2 |
/// |---|---|---|
/// | flag `02`, the trace id is random | is unknown: cleared | a sender's is kept; set for traces that begin here |
/// | a key of `tracestate` | `name`, or `tenant@system` with 241 and 14 characters | 256 characters, `@` anywhere but first |
/// | its first character | a letter; a tenant's may be a digit | a letter or a digit |
///
/// Whatever level 1 takes, level 2 takes. All other rules are the same, so the default is level 2.
///
/// Source: W3C Trace Context, Recommendation of 23 November 2021 (level 1), and Trace Context Level 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// The Recommendation of 2021.
    One,
    /// Its successor.
    #[default]
    Two,
}
