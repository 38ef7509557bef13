//! The use cases: everything that readers, authors and moderators can do, and every rule about it.
//!
//! Plain Rust around units of work of [`crate::store`]; no HTTP, no HTML pages, no SQL. Every comment, from the API, a form
//! or a moderator, passes [`crate::service::comments::input`] and is rendered by [`crate::content`]. Start with
//! [`crate::app::context`], then [`crate::service::comments::post`] and [`crate::service::threads::read`].

pub mod accounts;
pub mod audit;
pub mod comments;
pub mod health;
pub mod moderation;
pub mod sites;
pub mod threads;
