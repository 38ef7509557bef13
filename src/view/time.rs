//! Times for people and programs, in UTC and marked as such, since the server does not know the reader's time zone.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::time::Millis;

/// `<time>` with date and time of day. Digits are written from left to right in every language.
#[must_use]
pub fn moment(at: Millis) -> Markup {
    html! { time datetime=(machine(at)) dir="ltr" { (plain(at)) } }
}

/// `<time>` with the date only.
#[must_use]
pub fn day(at: Millis) -> Markup {
    html! { time datetime=(machine(at)) dir="ltr" title=(plain(at)) { (human(at, "%Y-%m-%d")) } }
}

/// Date and time of day in numbers, which are the same in every language: `2026-11-22 20:00 UTC`.
#[must_use]
pub fn plain(at: Millis) -> String {
    human(at, "%Y-%m-%d %H:%M UTC")
}

/// The time in RFC 3339: `2026-11-22T20:00:00Z`.
#[must_use]
pub fn machine(at: Millis) -> String {
    human(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// Formats a time; times that calendars cannot hold are shown as 1970.
fn human(at: Millis, pattern: &str) -> String {
    Timestamp::from_millisecond(at.0)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .strftime(pattern)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_both_kinds_of_reader() {
        let markup = moment(Millis(1_790_000_000_000)).0;
        assert!(markup.contains("datetime=\"2026-09-21T14:13:20Z\""), "{markup}");
        assert!(markup.contains(">2026-09-21 14:13 UTC<"), "{markup}");
        assert!(machine(Millis(i64::MAX)).starts_with("1970"));
    }
}
