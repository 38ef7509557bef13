//! Threads: reading them in every form, and their addresses, titles and state.

pub mod alias;
pub mod close;
pub mod conversation;
pub mod edit;
pub mod feed;
mod label;
pub mod live;
mod locking;
pub mod lookup;
pub mod merge;
pub mod moves;
pub mod page;
pub mod prerender;
pub mod read;
pub(crate) mod rekey;
pub mod tree;
