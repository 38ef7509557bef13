//! The use cases: everything that readers, authors and moderators can do, and every rule about it.
//!
//! Plain Rust around units of work of [`crate::store`]; no HTTP, no HTML pages, no SQL. Whichever way a
//! comment comes (API, form, moderator), it passes [`draft`] and is rendered by [`crate::content`].
//! Start with [`app`], then [`post`] and [`read`].

pub mod accounts;
pub mod app;
pub mod audit;
pub mod binding;
pub mod branch;
mod buckets;
pub mod clients;
pub mod demo;
pub mod devices;
pub mod draft;
pub mod edit;
pub mod error;
pub mod export;
pub mod feed;
mod gate;
pub mod health;
pub mod limits;
pub mod live;
pub mod machine;
pub mod metrics;
pub mod moderate;
pub mod own;
pub mod people;
pub mod post;
pub mod purge_clock;
pub mod read;
pub mod secret;
pub mod sign_in_limits;
pub mod site_removal;
pub mod sites;
pub mod stuffing;
pub mod threads;
pub mod tree;
pub mod upkeep;
pub mod vote;

pub use app::App;
pub use error::{Error, Kind};
