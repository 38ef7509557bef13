//! Moments as people and programs read them. In UTC, and it says so: the server does not know where its
//! reader lives.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::time::Millis;

/// `<time>` with the date and the time of day.
#[must_use]
pub fn moment(at: Millis) -> Markup {
    html! { time datetime=(machine(at)) title=(human(at, "%-d %B %Y, %H:%M UTC")) { (human(at, "%-d %B %Y, %H:%M")) } }
}

/// `<time>` with the date alone.
#[must_use]
pub fn day(at: Millis) -> Markup {
    html! { time datetime=(machine(at)) title=(human(at, "%-d %B %Y, %H:%M UTC")) { (human(at, "%-d %B %Y")) } }
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

/// How long it lasts, roughly: `15 minutes`.
#[must_use]
pub fn span(millis: i64) -> String {
    let minutes = (millis.max(0) + 59_999) / 60_000;
    let (count, unit) = match minutes {
        0..60 => (minutes, "minute"),
        60..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
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
        assert!(markup.contains(">21 September 2026, 14:13<"), "{markup}");
        assert!(machine(Millis(i64::MAX)).starts_with("1970"));
    }

    #[test]
    fn spans_are_round() {
        for (millis, words) in [
            (0, "0 minutes"),
            (1, "1 minute"),
            (900_000, "15 minutes"),
            (3_600_000, "1 hour"),
            (172_800_000, "2 days"),
        ] {
            assert_eq!(span(millis), words);
        }
    }
}
