//! Moderation: the queue, decisions, edits by moderators.

pub mod decide;
pub mod vote_stuffing;
