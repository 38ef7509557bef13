//! The errors of [`super::PageUrl`] and [`super::PageKey`].

use std::fmt;

/// The error of an address or page id that cannot identify a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageError {
    /// Not an absolute http or https URL, or an empty page id.
    Invalid,
    /// More than 2,048 bytes (512 for a page id), or a key of more than 2,060.
    TooLong,
}

impl PageError {
    /// The error code in `docs/api.md`.
    pub fn code(self) -> &'static str {
        match self {
            PageError::Invalid => "page_invalid",
            PageError::TooLong => "page_too_long",
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PageError::Invalid => "The page is not an absolute http or https address.",
            PageError::TooLong => "The page's address is too long.",
        })
    }
}

impl std::error::Error for PageError {}
