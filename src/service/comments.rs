//! Comments as their authors write, edit, delete and vote on them.

pub mod edit;
pub mod input;
pub mod own_comments;
pub mod post;
pub mod vote;
