//! What people type into the fields of a form, made clean once and for all.
//!
//! Every path that takes a name, an address or a text (posting, editing, a moderator's edit, an import) goes through these types,
//! so that no second path has weaker checks: that is how Isso's stored XSS of 2026 came about.
//! Nothing here escapes anything: escaping belongs to whoever writes HTML, SQL or a mail header.
//!
//! Where to go next: [`characters`] for what is stripped and why, `content` for what becomes of a comment's text.

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

pub use field_error::FieldError;

pub use comment::CommentText;
pub use email::Email;
pub use name::AuthorName;
pub use reserved::ReservedNames;
pub use site::SiteName;
pub use title::Title;
pub use website::Website;
