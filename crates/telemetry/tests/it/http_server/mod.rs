//! SERVER spans and request metrics: what the usual middlewares get wrong, one test each.

mod errors;
mod metrics;
mod names;
mod origin;
mod sampling;
