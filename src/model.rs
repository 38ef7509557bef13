//! The words of Afterword as types: site, thread, comment, author, and the values they are made of.
//!
//! Types and their invariants only: no I/O, no SQL, no JSON. What a value may look like is decided here,
//! once; what may be done with it is decided in [`crate::service`].
//! Start with [`comment`], then [`text`] for what people type and [`page`] for what a thread hangs on.

pub mod comment;
pub mod host;
pub mod id;
pub mod language;
pub mod moderation_log;
pub mod network;
pub mod page;
pub mod score;
pub mod site;
pub mod text;
pub mod thread;
pub mod time;
pub mod user;

#[cfg(test)]
mod corpora;
