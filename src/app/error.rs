//! Errors of use cases: a stable code, a sentence for people, and a cause for the log only.
//!
//! The table below lists all codes. `docs/api.md` explains them, and a test compares the two. Only
//! `web::http::response` turns an error into a response.

use std::{borrow::Cow, fmt};

use crate::{
    content::ContentError,
    model::{
        page::PageError,
        text::{FieldError, FieldErrorKind},
    },
    store::StoreError,
};

macro_rules! kinds {
    ($($variant:ident = $code:literal, $message:literal;)+) => {
        /// The kinds of errors, by what the caller can do about them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorKind {
            $(#[doc = $message] $variant),+
        }

        impl ErrorKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code of the API.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The kind with this code; none for an unknown code.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.code() == code)
            }

            /// The sentence for people, for errors without a sentence of their own.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }
    };
}

kinds! {
    BadJson = "bad_json", "The request is not the JSON that is expected here.";
    BadQuery = "bad_query", "A parameter of the address is missing or not of its form.";
    BadRequest = "bad_request", "The request cannot be understood.";
    KeyInvalid = "key_invalid", "The idempotency key is missing or not of its form.";
    TokenMissing = "token_missing", "Send the comment’s token as Authorization: Bearer.";
    SignInFailed = "sign_in_failed", "Name or password is wrong.";
    TokenWrong = "token_wrong", "This token does not belong to this comment.";
    TokenExpired = "token_expired", "The time for changing this comment is over.";
    OriginMissing = "origin_missing", "A write needs an Origin header.";
    OriginNotAllowed = "origin_not_allowed", "This origin is not registered for the site.";
    PageNotOfSite = "page_not_of_site", "The page’s origin is not registered for the site.";
    FormNotOurs = "form_not_ours", "This form is too old or was sent from elsewhere. Go back, reload the page and send it again.";
    ThreadClosed = "thread_closed", "This thread takes no new comments.";
    VotesOff = "votes_off", "This site has no such votes.";
    NotFound = "not_found", "There is nothing at this address.";
    SiteNotFound = "site_not_found", "No site of this name is registered.";
    CommentNotFound = "comment_not_found", "There is no such comment.";
    MethodNotAllowed = "method_not_allowed", "This address does not take this method.";
    RequestTimeout = "request_timeout", "The request did not arrive in time.";
    Conflict = "conflict", "Somebody else changed this meanwhile. Look again.";
    BodyTooLarge = "body_too_large", "The request is too large.";
    ContentTypeMissing = "content_type_missing", "A write needs Content-Type: application/json.";
    ContentTypeWrong = "content_type_wrong", "A write takes Content-Type: application/json only.";
    PageInvalid = "page_invalid", "The page must be an absolute http or https address.";
    PageTooLong = "page_too_long", "The page’s address is too long.";
    ParentNotFound = "parent_not_found", "The comment that this answers is not in this thread, or takes no replies.";
    KeyReused = "key_reused", "This key was used for another text already.";
    TextMissing = "text_missing", "Write something first.";
    TextTooLong = "text_too_long", "The text is too long.";
    TextTooComplex = "text_too_complex", "The text is nested too deeply or grows too large.";
    NameMissing = "name_missing", "This site asks for a name.";
    NameTooLong = "name_too_long", "The name is too long.";
    NameInvalid = "name_invalid", "This name cannot be used.";
    EmailMissing = "email_missing", "This site asks for an e-mail address.";
    EmailInvalid = "email_invalid", "This is not an e-mail address.";
    WebsiteInvalid = "website_invalid", "The website must be an http or https address.";
    WebsiteTooLong = "website_too_long", "The website’s address is too long.";
    TitleTooLong = "title_too_long", "The title is too long.";
    FieldInvalid = "field_invalid", "A field is not of its form.";
    RateLimited = "rate_limited", "Too much at once.";
    Internal = "internal", "Something went wrong here. Nothing was stored.";
    Busy = "busy", "Too much is going on. Try again in a moment.";
}

/// An error of a use case.
#[derive(Clone, Debug)]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    /// The sentence for people.
    pub message: Cow<'static, str>,
    /// The field at fault.
    pub field: Option<&'static str>,
    /// Seconds after which the same request may succeed.
    pub retry_after: Option<u64>,
    /// The cause, for the log only.
    pub cause: Option<String>,
}

impl Error {
    /// An error with its own sentence.
    #[must_use]
    pub fn with_message(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            ..Self::from(kind)
        }
    }

    /// An error of one field.
    #[must_use]
    pub fn of_field(kind: ErrorKind, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..Self::from(kind)
        }
    }

    /// A fault of the server. `cause` is for the log only.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::from(ErrorKind::Internal)
        }
    }

    /// The server is overloaded: nothing was done, and the same request works later. `cause` is for the log only.
    #[must_use]
    pub fn busy(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            retry_after: Some(2),
            ..Self::from(ErrorKind::Busy)
        }
    }

    /// The result is unknown: the change may be stored or not. Sending the request again is safe: posts have
    /// idempotency keys, and other writes are idempotent. `cause` is for the log only.
    #[must_use]
    pub fn unknown(cause: impl fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            retry_after: Some(2),
            ..Self::with_message(
                ErrorKind::Busy,
                "It is not certain yet whether this was stored. Send it again: it is stored once.",
            )
        }
    }

    /// A limit was exceeded; the client waits `seconds`, at least one.
    #[must_use]
    pub fn rate_limited(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds.max(1)),
            ..Self::from(ErrorKind::RateLimited)
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self {
            kind,
            message: Cow::Borrowed(kind.message()),
            field: None,
            retry_after: None,
            cause: None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unknown(_) => Self::unknown(error),
            StoreError::Busy(_) => Self::busy(error),
            StoreError::Failed(_) => Self::internal(error),
            StoreError::Conflict(_) => Self {
                cause: Some(error.to_string()),
                ..Self::from(ErrorKind::Conflict)
            },
        }
    }
}

impl From<FieldErrorKind> for ErrorKind {
    fn from(kind: FieldErrorKind) -> Self {
        match kind {
            FieldErrorKind::TextMissing => Self::TextMissing,
            FieldErrorKind::TextTooLong => Self::TextTooLong,
            FieldErrorKind::NameMissing => Self::NameMissing,
            FieldErrorKind::NameTooLong => Self::NameTooLong,
            FieldErrorKind::NameInvalid => Self::NameInvalid,
            FieldErrorKind::EmailMissing => Self::EmailMissing,
            FieldErrorKind::EmailInvalid => Self::EmailInvalid,
            FieldErrorKind::WebsiteInvalid => Self::WebsiteInvalid,
            FieldErrorKind::WebsiteTooLong => Self::WebsiteTooLong,
            FieldErrorKind::TitleTooLong => Self::TitleTooLong,
            FieldErrorKind::FieldInvalid => Self::FieldInvalid,
        }
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self {
            message: error.message,
            field: Some(error.field),
            ..Self::from(ErrorKind::from(error.kind))
        }
    }
}

impl From<PageError> for Error {
    fn from(error: PageError) -> Self {
        let kind = match error {
            PageError::Invalid => ErrorKind::PageInvalid,
            PageError::TooLong => ErrorKind::PageTooLong,
        };
        Self::of_field(kind, "page")
    }
}

impl From<ContentError> for Error {
    fn from(error: ContentError) -> Self {
        Self {
            message: error.to_string().into(),
            ..Self::of_field(ErrorKind::TextTooComplex, "text")
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_fields_and_pages_keep_their_codes() {
        for kind in FieldErrorKind::ALL {
            let error = Error::from(FieldError::new(*kind, "field", "A sentence."));
            assert_eq!(error.kind.code(), kind.as_str());
            assert_eq!((error.field, &*error.message), (Some("field"), "A sentence."));
        }
        for page in [PageError::Invalid, PageError::TooLong] {
            assert_eq!(Error::from(page).kind.code(), page.code());
        }
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::parse(kind.code()), Some(*kind));
        }
        assert_eq!(ErrorKind::parse("another"), None);
    }
}
