//! The admin pages about comments: the queue and the edit form.

pub mod edit;
pub mod queue;
