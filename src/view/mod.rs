//! HTML pages (maud).
pub mod error;
