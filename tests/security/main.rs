//! Attacks over the network on the real server, run by `tests/security/run`.
//!
//! Every attack has a control that must fail: a server, a rule or a measurement for which the attack succeeds. No
//! response may be a 5xx except `busy` with a time to wait. The matrices run with all other tests; tests that measure
//! time or memory need the machine to themselves, are ignored there, and are run by the command. Next: `target.rs` for
//! the attacked server, then one file per attack.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod bombs;
mod crowd;
mod expensive_reads;
mod expiry;
mod fair_share;
mod fixture;
mod flood;
mod forms;
mod origins;
mod raw;
mod refusals;
mod roles;
mod sign_in;
mod slow;
mod spoof;
mod target;
mod tokens;
