//! The admin pages about comments: the queue and the edit form.

pub(crate) mod edit;
pub(crate) mod queue;
