//! cargo stack.
fn main() {}
