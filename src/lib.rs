//! x
pub mod content;
pub mod model;
