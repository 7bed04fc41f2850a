//! What every service gets from the chassis, shown on a service that the tests make.

mod deadline;
mod migration;
mod panics;
mod problems;
mod service;
mod shutdown;
mod threads;
