//! Moderation: the queue, decisions, edits by moderators.

pub mod decide;
pub mod edit;
pub mod hold;
pub mod queue;
pub mod vote_stuffing;
