//! Accounts of moderators and owners: passwords, sessions, setup links.

pub mod directory;
pub mod known_devices;
pub mod manage;
pub mod password;
pub mod session;
pub mod setup_link;
