//! The pages of the comment origin: setup, sign-in, queue, and the thread page without JavaScript, with requests as
//! browsers and attackers send them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod browser;
mod edit;
mod forms;
mod languages;
mod log;
mod queue;
mod refusals;
mod sign_in;
mod thread;
mod units;
