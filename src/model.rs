//! The domain types of Afterword: site, thread, comment, author, and the values they are made of.
//!
//! Types and their invariants only: no I/O, no SQL, no JSON. The valid form of a value is decided here; what may be
//! done with it is decided in [`crate::service`]. Start with [`comment`], then [`text`] for form fields and [`page`]
//! for the key of a thread.

pub mod account;
pub mod comment;
pub mod event;
pub mod host;
pub mod id;
pub mod language;
pub mod moderation_log;
pub mod network;
pub mod page;
pub mod score;
pub mod site;
mod string_enum;
pub mod text;
pub mod thread;
pub mod time;

#[cfg(test)]
mod corpora;
