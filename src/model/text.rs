//! The values of form fields, cleaned and checked when they are parsed.
//!
//! Every path that takes a name, an address or a text (posting, editing, a moderator's edit, an import) goes through
//! these types, so that no second path has weaker checks: such a path was the cause of Isso's stored XSS of 2026.
//! Nothing here escapes: escaping belongs to the code that writes HTML, SQL or a mail header.
//!
//! See [`characters`] for the characters that are removed and why, and `content` for rendering a comment's text.

pub mod characters;
mod comment;
mod email;
mod field_error;
mod lookalike;
mod name;
mod reserved;
mod site;
mod title;
mod website;

pub use characters::length;

pub use field_error::{FieldError, FieldErrorKind};

pub use comment::CommentText;
pub use email::Email;
pub use name::AuthorName;
pub use reserved::ReservedNames;
pub use site::SiteName;
pub use title::Title;
pub use website::Website;
