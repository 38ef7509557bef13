//! Moments as people and programs read them. In UTC, and it says so: the server does not know where its
//! reader lives.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::time::Millis;

/// `<time>` with the date and the time of day. Its figures run from left to right in every language.
#[must_use]
pub fn moment(at: Millis) -> Markup {
    html! { time datetime=(machine(at)) dir="ltr" { (text(at)) } }
}

/// `<time>` with the date alone.
#[must_use]
pub fn day(at: Millis) -> Markup {
    html! { time datetime=(machine(at)) dir="ltr" title=(text(at)) { (human(at, "%Y-%m-%d")) } }
}

/// As text: `2026-11-22 20:00 UTC`. In figures, which every language reads (ISO 8601).
#[must_use]
pub fn text(at: Millis) -> String {
    human(at, "%Y-%m-%d %H:%M UTC")
}

/// The date and the time of day in numbers, as every language reads them: `2026-11-22 20:00 UTC`.
#[must_use]
pub fn plain(at: Millis) -> String {
    human(at, "%Y-%m-%d %H:%M UTC")
}

/// As in RFC 3339: `2026-11-22T20:00:00Z`.
#[must_use]
pub fn machine(at: Millis) -> String {
    human(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// A moment beyond what calendars hold reads as 1970.
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
