//! The error page.

use maud::{Markup, html};

use super::layout::{self, Head};
use crate::{
    app::ErrorKind,
    view::{error_message::LocalizedError, i18n::MessageKey},
};

/// Renders an error in the language of its audience. Its cause is only in the log, where the id `request` finds it.
#[must_use]
pub fn page(base_url: &str, message: &LocalizedError<'_>, request: Option<&str>) -> Markup {
    let (words, kind) = (message.words(), message.error.kind);
    let heading = words.text(match kind {
        ErrorKind::NotFound | ErrorKind::SiteNotFound | ErrorKind::CommentNotFound => MessageKey::Missing,
        _ => MessageKey::Failed,
    });
    let main = html! {
        div.narrow {
            h1 { (heading) }
            p.lead { (message.sentence()) }
            @if let Some(wait) = message.wait() { p { (wait) } }
            p.quiet { (words.html(MessageKey::Code, &[("code", &html! { code dir="ltr" { (kind.code()) } })])) }
            // For the server's operator, and so in the language of the log.
            @if let Some(request) = request {
                p.quiet lang="en" dir="ltr" { "The log has more under the request " code { (request) } "." }
            }
        }
    };
    layout::page(
        base_url,
        &Head {
            words: Some(words),
            title: heading,
            private: true,
            kind: "plain",
            ..Head::default()
        },
        &html! {},
        &main,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::Error, view::i18n};

    #[test]
    fn the_sentence_is_shown_escaped_and_the_cause_is_not() {
        let error = Error {
            cause: Some("secret path".into()),
            ..Error::with_message(ErrorKind::NotFound, "No <b>such</b> page.")
        };
        let markup = page("https://c.example", &LocalizedError::to_staff(&error), None).0;
        assert!(markup.contains("No &lt;b&gt;such&lt;/b&gt; page."), "{markup}");
        assert!(
            markup.contains("not_found") && !markup.contains("secret path"),
            "{markup}"
        );
    }

    #[test]
    fn readers_see_it_in_their_language() {
        let error = Error::from(ErrorKind::CommentNotFound);
        let words = i18n::nearest("ar").unwrap();
        let markup = page(
            "https://c.example",
            &LocalizedError::to_reader(&error, words),
            None,
        )
        .0;
        assert!(markup.contains("<html lang=\"ar\" dir=\"rtl\">"), "{markup}");
        assert!(markup.contains("التعليق المشار إليه لم يعد موجودًا."), "{markup}");
        assert!(!markup.contains("Not found"), "{markup}");
    }
}
