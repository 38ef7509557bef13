//! The error of one field of a form.

use std::{borrow::Cow, fmt};

/// A field that cannot be taken, in the words of `docs/api.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// One of the codes in `docs/api.md`, for programs.
    pub code: &'static str,
    /// The name of the field in the request.
    pub field: &'static str,
    /// A sentence for people. It never repeats what was typed.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error of `field`, with a sentence for people.
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
