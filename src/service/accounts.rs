//! Accounts of moderators and owners: their passwords, sessions and setup links.

pub mod directory;
pub mod known_devices;
pub mod manage;
pub mod password;
pub mod session;
pub mod setup_link;
