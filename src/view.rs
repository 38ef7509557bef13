//! HTML for people: the thread page, the admin pages, the front page, errors; and comments for pages of others.
//!
//! Templates are maud: everything is escaped, but for what [`raw_html`] lets through. Nothing here reads the
//! database, looks at a request or decides a rule; a template gets what it shows. No inline script and no
//! inline style: the pages' policy forbids both. What readers see is said in their language by [`i18n`]; owners
//! and moderators are spoken to in English. Look at [`layout`] first, then at [`thread`].

pub mod admin;
pub mod asset;
pub mod author;
pub mod error;
pub mod error_message;
pub mod form_field;
pub mod fragment;
pub mod home;
pub mod i18n;
pub mod layout;
pub mod raw_html;
pub mod thread;
pub mod time;
