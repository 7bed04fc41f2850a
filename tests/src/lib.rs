//! The chain, the configuration files and the documents as black boxes.
