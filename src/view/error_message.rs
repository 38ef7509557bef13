//! Error messages: for readers in their language, for owners and moderators in English.
//!
//! For an error without a phrase in the catalogues, readers get the server's English sentence, marked as English. An
//! error code is never the whole message. The table equals the widget's (`embed/src/api/errors.ts`,
//! `compose/writer-errors.ts`): both must give the same message for an error. Shown by [`crate::view::form_field`]
//! and [`super::error`].

use maud::{Markup, html};

use super::i18n;
use crate::{
    app::{Error, ErrorKind},
    view::i18n::{MessageKey, Messages},
};

/// An error and its audience.
#[derive(Clone, Copy, Debug)]
pub struct LocalizedError<'a> {
    /// The error.
    pub error: &'a Error,
    words: &'static Messages,
    to: ErrorAudience,
}

#[derive(Clone, Copy, Debug)]
enum ErrorAudience {
    /// Owners and moderators.
    Staff,
    /// A reader, on any page.
    Reader,
    /// A reader who is shown the form again.
    Writer(WriterContext),
}

/// The facts about the sender of a form that messages depend on.
#[derive(Clone, Copy, Debug)]
pub struct WriterContext {
    /// The site's limit of characters of a comment.
    pub max_text: i64,
    /// True if the browser sent no cookie.
    pub without_cookie: bool,
}

impl<'a> LocalizedError<'a> {
    /// The message for owners and moderators: the server's sentence.
    #[must_use]
    pub fn to_staff(error: &'a Error) -> Self {
        Self {
            error,
            words: i18n::english(),
            to: ErrorAudience::Staff,
        }
    }

    /// The message for a reader.
    #[must_use]
    pub fn to_reader(error: &'a Error, words: &'static Messages) -> Self {
        Self {
            error,
            words,
            to: ErrorAudience::Reader,
        }
    }

    /// The message for a reader who is shown the form again.
    #[must_use]
    pub fn to_writer(error: &'a Error, words: &'static Messages, writer: WriterContext) -> Self {
        Self {
            error,
            words,
            to: ErrorAudience::Writer(writer),
        }
    }

    /// The language of the message.
    #[must_use]
    pub fn words(&self) -> &'static Messages {
        self.words
    }

    /// The message.
    #[must_use]
    pub fn sentence(&self) -> Markup {
        let message = html! {
            @if self.words.tag() == "en" { (self.error.message) }
            @else { span lang="en" dir="ltr" { (self.error.message) } }
        };
        match self.word() {
            Some(MessageKey::LongText) => {
                let ErrorAudience::Writer(writer) = self.to else {
                    return message;
                };
                let max_text = writer.max_text.to_string();
                html! { (self.words.fill(MessageKey::LongText, &[("count", &max_text)])) }
            }
            Some(word) => self.words.html(word, &[("message", &message)]),
            None => message,
        }
    }

    /// The delay after which a retry can succeed, if known.
    #[must_use]
    pub fn wait(&self) -> Option<String> {
        let seconds = self.error.retry_after?;
        Some(match self.to {
            ErrorAudience::Staff => format!("Try again in {}.", in_words(seconds)),
            ErrorAudience::Reader | ErrorAudience::Writer(_) => self
                .words
                .fill(MessageKey::Wait, &[("count", &seconds.to_string())]),
        })
    }

    fn word(&self) -> Option<MessageKey> {
        match (self.to, self.error.kind) {
            (ErrorAudience::Staff, _) => None,
            (ErrorAudience::Writer(writer), ErrorKind::FormNotOurs) if writer.without_cookie => {
                Some(MessageKey::Cookie)
            }
            (ErrorAudience::Writer(_), ErrorKind::FormNotOurs) => Some(MessageKey::OldForm),
            (ErrorAudience::Writer(_), ErrorKind::Conflict) if self.error.field == Some("version") => {
                Some(MessageKey::Changed)
            }
            (_, kind) => word(kind),
        }
    }
}

/// A duration in the largest suitable unit, rounded up.
fn in_words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=90 => (seconds, "second"),
        91..=5_400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// The phrase for an error that readers can act on.
fn word(kind: ErrorKind) -> Option<MessageKey> {
    Some(match kind {
        ErrorKind::PageNotOfSite
        | ErrorKind::SiteNotFound
        | ErrorKind::PageInvalid
        | ErrorKind::PageTooLong => MessageKey::Setup,
        ErrorKind::Internal | ErrorKind::RequestTimeout | ErrorKind::Conflict => MessageKey::Internal,
        ErrorKind::RateLimited | ErrorKind::Busy => MessageKey::Busy,
        ErrorKind::CommentNotFound | ErrorKind::ParentNotFound => MessageKey::Gone,
        ErrorKind::ThreadClosed => MessageKey::Closed,
        ErrorKind::TokenMissing | ErrorKind::TokenWrong | ErrorKind::TokenExpired => MessageKey::TooLate,
        ErrorKind::TextMissing => MessageKey::NoText,
        ErrorKind::TextTooLong => MessageKey::LongText,
        ErrorKind::NameMissing | ErrorKind::NameTooLong => MessageKey::BadName,
        ErrorKind::EmailMissing | ErrorKind::EmailInvalid => MessageKey::BadEmail,
        ErrorKind::WebsiteInvalid => MessageKey::BadWebsite,
        ErrorKind::KeyReused => MessageKey::SentBefore,
        // The form was too large to be read, so it cannot be shown again.
        ErrorKind::BodyTooLarge => MessageKey::TooLarge,
        // Wrong addresses, and errors that only the server's sentence describes exactly.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: WriterContext = WriterContext {
        max_text: 500,
        without_cookie: false,
    };

    #[test]
    fn staff_are_told_how_long_to_wait_in_whole_words() {
        for (seconds, said) in [
            (1, "Try again in 1 second."),
            (40, "Try again in 40 seconds."),
            (900, "Try again in 15 minutes."),
            (86_400, "Try again in 24 hours."),
        ] {
            let error = Error::rate_limited(seconds);
            assert_eq!(LocalizedError::to_staff(&error).wait().as_deref(), Some(said));
        }
    }

    fn german() -> &'static Messages {
        i18n::nearest("de").unwrap()
    }

    #[test]
    fn readers_are_told_in_their_language_and_staff_in_the_servers_own() {
        let error = Error::of_field(ErrorKind::TextTooLong, "text");
        let told = |told: LocalizedError<'_>| told.sentence().0;
        assert_eq!(
            told(LocalizedError::to_writer(&error, german(), WRITER)),
            "Das ist länger als die hier erlaubten 500 Zeichen."
        );
        assert_eq!(told(LocalizedError::to_staff(&error)), "The text is too long.");
        let limited = Error::rate_limited(3);
        let told = LocalizedError::to_reader(&limited, german());
        assert_eq!(told.wait().as_deref(), Some("In 3 s noch einmal versuchen"));
    }

    #[test]
    fn what_has_no_words_is_said_in_english_and_says_so() {
        let error = Error::with_message(ErrorKind::NameInvalid, "Not <b>this</b> name.");
        let german = LocalizedError::to_writer(&error, german(), WRITER).sentence().0;
        assert_eq!(
            german,
            "<span lang=\"en\" dir=\"ltr\">Not &lt;b&gt;this&lt;/b&gt; name.</span>"
        );
        let english = LocalizedError::to_writer(&error, i18n::english(), WRITER)
            .sentence()
            .0;
        assert!(!english.contains("lang="), "{english}");
    }

    #[test]
    fn a_form_that_is_shown_again_says_why() {
        let error = Error::from(ErrorKind::FormNotOurs);
        let said = |writer| {
            LocalizedError::to_writer(&error, i18n::english(), writer)
                .sentence()
                .0
        };
        assert!(said(WRITER).contains("grown too old"));
        let without_cookie = WriterContext {
            without_cookie: true,
            ..WRITER
        };
        assert!(said(without_cookie).contains("one cookie"));
        let elsewhere = LocalizedError::to_reader(&error, i18n::english()).sentence().0;
        assert!(elsewhere.contains("sent from elsewhere"), "{elsewhere}");
    }

    /// Errors with a phrase in both tables have the same phrase.
    #[test]
    fn the_widget_says_the_same() {
        let read = |name: &str| {
            std::fs::read_to_string(format!("{}/embed/src/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let table = read("api/errors.ts") + &read("compose/writer-errors.ts");
        let meanings: Vec<(&str, &str)> = table
            .lines()
            .filter_map(|line| line.trim().strip_prefix("[\"")?.strip_suffix("\"],"))
            .filter_map(|line| line.split_once("\", \""))
            .collect();
        assert!(meanings.len() >= 12, "control: {meanings:?}");
        let mut same = 0;
        for kind in ErrorKind::ALL {
            let widget = meanings
                .iter()
                .find(|(_, codes)| codes.split(' ').any(|code| code == kind.code()))
                .map(|(word, _)| *word);
            // The widget never sends such a large text: its counter is checked first.
            if let Some(word) = word(*kind).filter(|_| *kind != ErrorKind::BodyTooLarge) {
                assert_eq!(widget, Some(word.key()), "{}", kind.code());
                same += 1;
            }
        }
        assert!(same > 20, "control: only {same}");
    }
}
