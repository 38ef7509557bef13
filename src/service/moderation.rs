//! Moderation: the queue, decisions, edits by moderators, the log.

pub mod decide;
pub mod edit;
pub mod hold;
pub mod log;
pub mod queue;
pub mod vote_stuffing;
