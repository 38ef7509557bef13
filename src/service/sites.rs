//! Sites: registering, rules, origins, the demo, removal.

pub mod context;
pub mod demo;
pub mod register;
pub mod removal;
pub mod rules;
