//! Threads: reading them in every form, and arranging their addresses.

pub mod close;
pub mod conversation;
pub mod feed;
pub mod live;
pub mod manage;
pub mod page;
pub mod prerender;
pub mod read;
pub(crate) mod rekey;
pub mod tree;
