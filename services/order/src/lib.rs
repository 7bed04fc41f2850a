//! Order service: prices the items from its catalogue and records the order.
