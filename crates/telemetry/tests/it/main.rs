//! What instrumented code makes of requests, calls and statements, shown on a service that the tests make.

mod actix_main;
mod business;
mod calls;
mod database;
mod delivery;
mod http_client;
mod http_server;
mod logs;
mod privacy;
mod propagation;
mod service;
mod web;
