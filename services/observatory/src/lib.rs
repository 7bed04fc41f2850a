//! The embedded trace backend: OTLP in, a bounded store, a page and an API.
