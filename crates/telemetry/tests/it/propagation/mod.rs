//! How contexts travel, shown on the published vectors, on random headers, and on requests that pass through.

mod allocations;
mod formats;
mod harness;
mod random;
mod spans;
mod through;
mod vectors;

use opentelemetry::Context;
use telemetry::propagation::Propagators;

/// Headers as they go on the wire.
type Headers = Vec<(String, Vec<u8>)>;

/// What goes on of a context.
fn written(propagators: &Propagators, context: &Context) -> Headers {
    let mut headers = Headers::new();
    propagators.inject(context, |field, value| headers.push((field.name().to_owned(), value.to_vec())));
    headers
}

/// A header's value as text.
fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let (_, value) = headers.iter().find(|(field, _)| field == name)?;
    Some(std::str::from_utf8(value).expect("what is written is ASCII"))
}
