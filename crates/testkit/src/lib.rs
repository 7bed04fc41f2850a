//! What the tests share. Everything here is the real thing, on free ports: PostgreSQL, a trace backend, services.
//!
//! | module | what it is |
//! |---|---|
//! | [`database`] | a database of its own for each test, on one cluster a test process |
//! | [`backend`] | a trace backend: waits for a trace, without sleeping |
//! | [`receiver`] | a receiver of OTLP that answers as told: late, never, with errors, or with garbage |
//! | [`certificates`] | an authority of the test's own, for TLS |
//! | [`settings`] | the environment of a service under test |
//! | [`client`] | requests, and answers that are looked at |
//! | [`stub`] | a next service that answers as told |
//! | [`running`] | a service under test, with a database and a backend of its own |
//! | [`refusals`], [`pages`] | what every body, list and route has to refuse, and a list walked to its end |
//! | [`wait`] | asking until it is so |
//! | [`raw`] | requests byte by byte |
//! | [`conventions`] | the attributes that spans must have |
//! | [`openmetrics`] | what `/metrics` says |
//! | [`documented`] | whether routes and OpenAPI document say the same |
//! | [`fraud_service`] | a fourth service for the chain, as docs/adding-a-service.md builds it |
//!
//! A failure here is a test's failure: functions panic, with words that say what was wrong.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod backend;
pub mod certificates;
pub mod client;
pub mod conventions;
pub mod database;
pub mod documented;
pub mod fraud_service;
pub mod openmetrics;
pub mod pages;
pub mod raw;
pub mod receiver;
pub mod refusals;
pub mod running;
pub mod settings;
pub mod stub;
pub mod wait;

pub use backend::Backend;
pub use client::{Answer, Client};
pub use database::Database;
pub use receiver::{Receiver, Reply};
pub use running::Running;
pub use settings::Settings;
pub use stub::Stub;
pub use wait::until;
