//! What instrumented code makes of requests, calls and statements, shown on a service that the tests make.

mod business;
mod calls;
mod delivery;
mod logs;
mod propagation;
mod service;
mod statements;
