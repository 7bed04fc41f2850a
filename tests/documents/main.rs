//! What the documents say, held against what the programs do.

mod commands;
mod exercise;
mod exercise_page;
mod exercises;
mod fraud_main;
// The chain is started as the tests of the chain start it; what those need of it and these do not stays unused.
#[allow(dead_code)]
#[path = "../chain/gateway.rs"]
mod gateway;
#[allow(dead_code)]
#[path = "../chain/harness.rs"]
mod harness;
mod log_fields;
mod markdown;
mod messages;
mod metrics;
mod problems;
mod readme;
mod runbooks;
mod service_page;
mod telemetry;
