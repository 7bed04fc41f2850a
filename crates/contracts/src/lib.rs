//! Bodies that cross a boundary. Data only: no logic but what keeps a value valid.
//!
//! | module | who sends it, and to whom |
//! |---|---|
//! | [`process`] | the public request and its answer |
//! | [`chain`] | a message between two services, and the reply on its way back |
//! | [`user`], [`order`], [`audit`] | what each service owns, as its routes show it |
//! | [`page`] | one page of a list |
//! | [`fault`] | `cargo stack fault`, to a service on its private port |
//!
//! Shapes carry their rules as schema attributes. A service checks bodies against the very schema that its OpenAPI
//! document shows, so the two cannot differ.

pub mod audit;
pub mod chain;
pub mod fault;
pub mod order;
pub mod page;
pub mod process;
pub mod user;
