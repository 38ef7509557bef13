//! The error of one field of a form.

use std::{borrow::Cow, fmt};

/// An invalid form field, with its code in `docs/api.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The error code in `docs/api.md`.
    pub code: &'static str,
    /// The name of the field in the request.
    pub field: &'static str,
    /// A sentence for people. It never contains what was typed.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error of `field` with a sentence for people.
    pub fn new(code: &'static str, field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        FieldError {
            code,
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
