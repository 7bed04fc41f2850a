//! The verbs, one file each. Every file has the same parts in the same order: examples, arguments, `run`, and what
//! only that verb needs.

pub mod bench;
pub mod doctor;
pub mod down;
pub mod fault;
pub mod install_backends;
pub mod load;
pub mod logs;
pub mod reset;
pub mod screenshots;
pub mod start;
pub mod status;
pub mod stop;
pub mod supervise;
pub mod test;
pub mod tidy;
pub mod trace;
pub mod up;
