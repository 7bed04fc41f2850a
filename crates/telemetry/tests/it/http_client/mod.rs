//! CLIENT spans and request metrics: what the usual middlewares get wrong, one test each.

mod calls;
mod tries;
