//! Comments: posting, editing, deleting, voting, and the view of their authors.

pub mod edit;
pub mod input;
pub mod own_comments;
pub mod post;
pub mod vote;
