//! Threads: reading them in every form, and arranging their addresses.

pub mod conversation;
pub mod feed;
pub mod live;
pub mod manage;
pub mod prerender;
pub mod read;
pub(crate) mod rekey;
pub mod tree;
