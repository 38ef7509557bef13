//! HTML templates: the thread page, the admin pages, the front page, errors, and fragments for other sites' pages.
//!
//! Templates are maud: everything is escaped, except for the output of [`raw_html`]. Nothing here reads the database
//! or a request, or decides a rule; a template is given the values that it shows. No inline script and no inline
//! style: the pages' policy forbids both. Texts for readers come from [`i18n`] in their language; those for owners
//! and moderators are English. Start with [`layout`], then [`thread`].

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
