//! Accounts of moderators and owners: passwords, sessions, setup links.

pub mod known_devices;
pub mod manage;
pub mod session;
