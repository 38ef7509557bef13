//! The page that says what went wrong, in the error's own sentence.

use maud::{Markup, html};

use super::layout::{self, Head};
use crate::service::{Error, Kind};

/// An error as a page. Its cause stays in the log, where `request` leads to it.
#[must_use]
pub fn page(base_url: &str, error: &Error, request: Option<&str>) -> Markup {
    let heading = match error.kind {
        Kind::NotFound | Kind::SiteNotFound | Kind::CommentNotFound => "Not found",
        Kind::RateLimited | Kind::Busy => "Please wait a moment",
        Kind::Internal => "Something went wrong",
        Kind::FormNotOurs => "This form cannot be used any more",
        Kind::Conflict => "Somebody was faster",
        _ => "That did not work",
    };
    let main = html! {
        div.narrow {
            h1 { (heading) }
            p.lead { (error.message) }
            @if let Some(seconds) = error.retry_after {
                p { "Try again in " (seconds) @if seconds == 1 { " second." } @else { " seconds." } }
            }
            p.quiet { "The code of this error is " code { (error.kind.code()) } "." }
            @if let Some(request) = request {
                p.quiet { "The log has more under the request " code { (request) } "." }
            }
        }
    };
    layout::page(
        base_url,
        &Head {
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

    #[test]
    fn the_sentence_is_shown_escaped_and_the_cause_is_not() {
        let error = Error {
            cause: Some("secret path".into()),
            ..Error::with_message(Kind::NotFound, "No <b>such</b> page.")
        };
        let markup = page("https://c.example", &error, None).0;
        assert!(markup.contains("No &lt;b&gt;such&lt;/b&gt; page."), "{markup}");
        assert!(
            markup.contains("not_found") && !markup.contains("secret path"),
            "{markup}"
        );
    }
}
