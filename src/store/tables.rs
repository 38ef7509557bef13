//! The SQL: one module per table, with all statements that read or write it.

pub mod account_roles;
pub mod accounts;
pub mod comments;
pub mod details;
pub mod identities;
pub mod instance;
pub mod legacy_ids;
pub mod moderation_log;
pub mod outbox;
pub mod post_keys;
pub mod revisions;
pub mod sessions;
pub mod setup_links;
pub mod site_removal;
pub mod sites;
pub mod threads;
pub mod votes;
