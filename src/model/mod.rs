//! The words of the project: types that cannot hold a wrong value.
//!
//! Nothing here does I/O, knows HTTP, SQL or JSON.

pub mod host;
pub mod page;
pub mod text;

#[cfg(test)]
mod corpora;
