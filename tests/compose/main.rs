//! docker-compose.yaml and services/Dockerfile against their rules, without an engine. What it does on a real one is
//! `cargo stack test --compose`.

mod confinement;
mod images;
mod limits;
mod order;
mod programs;
mod project;
mod settings;
