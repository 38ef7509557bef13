//! Attacks on the network side of the real server, by one command: `tests/security/run`.
//!
//! Every attack has a control that must fail: a server, a rule or a meter for which the attack succeeds. No
//! answer may be a 5xx but `busy` with a time to wait. The matrices run with all other tests; what measures
//! time or memory wants the machine to itself, is ignored there, and is run by the command.
//! Where to go next: `target.rs` for the server that is attacked, then one file per attack.

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
