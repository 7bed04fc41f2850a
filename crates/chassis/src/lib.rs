//! What every service of the chain needs and none should write.
