//! The error of one field of a form.

use std::{borrow::Cow, fmt};

use crate::model::string_enum::string_enum;

string_enum!(
    /// Kinds of invalid fields; the words are the error codes in `docs/api.md`.
    FieldErrorKind {
        /// A text without content.
        TextMissing = "text_missing",
        /// A text above the site's limit.
        TextTooLong = "text_too_long",
        /// No name where one is needed.
        NameMissing = "name_missing",
        /// A name above its limit.
        NameTooLong = "name_too_long",
        /// A name that is reserved.
        NameInvalid = "name_invalid",
        /// No e-mail address where one is needed.
        EmailMissing = "email_missing",
        /// Not an e-mail address.
        EmailInvalid = "email_invalid",
        /// Not an http or https address.
        WebsiteInvalid = "website_invalid",
        /// An address above its limit.
        WebsiteTooLong = "website_too_long",
        /// A title above its limit.
        TitleTooLong = "title_too_long",
        /// Any other field that is not of its form.
        FieldInvalid = "field_invalid",
    }
);

/// An invalid form field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The kind, whose word is the error code in `docs/api.md`.
    pub kind: FieldErrorKind,
    /// The name of the field in the request.
    pub field: &'static str,
    /// A sentence for people. It never contains what was typed.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error of `field` with a sentence for people.
    pub fn new(kind: FieldErrorKind, field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        FieldError {
            kind,
            field,
            message: message.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FieldError {}
