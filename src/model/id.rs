//! Ids: 42 bits of milliseconds, then 11 bits that distinguish ids of one millisecond.
//!
//! They sort by time, fit a JSON number (below 2⁵³), need no round trip to the database, and give an imported comment
//! an id of the time it was written. Two nodes may generate the same id: the unique index refuses the second, and the
//! unit of work is retried.

use std::sync::Mutex;

use super::time::Millis;

/// Bits below the milliseconds.
const COUNTER_BITS: u32 = 11;
/// Ids per millisecond; the next id uses the following millisecond.
const IDS_PER_MILLI: i64 = 1 << COUNTER_BITS;
/// 2100-01-01, in milliseconds: later clock readings count as this moment, and each further id is the next number.
/// More ids are left above it than will ever be used; without this bound one wrong clock would exhaust them.
const MAX_TIME_MS: i64 = 4_102_444_800_000;
/// The largest id, and the largest integer that JavaScript holds exactly (2⁵³ − 1).
pub const MAX_ID: i64 = (1 << 53) - 1;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// Parses an id from a URL: decimal, between 1 and [`MAX_ID`].
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let plain = !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
                text.parse().ok().filter(|id| plain && (1..=MAX_ID).contains(id)).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A site's id.
    SiteId
);
id!(
    /// A thread's id, unique within its site.
    ThreadId
);
id!(
    /// A comment's id, unique within its site.
    CommentId
);
id!(
    /// The id of an account.
    AccountId
);

/// Generates ids that only increase, even if the clock goes back.
#[derive(Debug, Default)]
pub struct IdGenerator {
    last: Mutex<i64>,
    offset: i64,
}

impl IdGenerator {
    /// A generator whose ids of a new millisecond start at `offset` (only its low bits are used), so that two nodes
    /// rarely generate the same id.
    #[must_use]
    pub fn starting_at(offset: u8) -> Self {
        Self {
            last: Mutex::default(),
            offset: i64::from(offset),
        }
    }

    /// The next id at `now`, greater than all earlier ones and than `after`.
    pub fn next(&self, now: Millis, after: i64) -> i64 {
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let by_clock = now.0.clamp(1, MAX_TIME_MS) * IDS_PER_MILLI + self.offset;
        *last = by_clock.max(*last + 1).max(after + 1).min(MAX_ID);
        *last
    }
}

impl IdGenerator {
    /// Skips a random number of ids, so that two nodes that generated the same id do not collide again.
    pub fn leap(&self) {
        let mut by = [0];
        // Without randomness the next try only collides more often.
        let _ = getrandom::fill(&mut by);
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = (*last + i64::from(by[0])).min(MAX_ID);
    }
}

/// The creation time in an id, to the millisecond.
#[must_use]
pub fn created_at(id: i64) -> Millis {
    Millis(id >> COUNTER_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let ids = IdGenerator::default();
        let first = ids.next(Millis(1_790_000_000_000), 0);
        let second = ids.next(Millis(1_790_000_000_000), 0);
        let third = ids.next(Millis(1_000_000_000_000), 0);
        assert!(first < second && second < third && third <= MAX_ID);
        assert_eq!(created_at(first), Millis(1_790_000_000_000));
    }

    #[test]
    fn no_clock_uses_the_ids_up() {
        for year in [2038, 2105, 2110, 2262, 9999, 290_000_000] {
            let now = Millis((year - 1970_i64) * 31_556_952_000);
            let wrong = IdGenerator::default().next(now, 0);
            let room = MAX_ID - wrong;
            assert!(room > 100_000_000_000_000, "{year}: {room}");
            let set_right = IdGenerator::default().next(Millis(1_790_000_000_000), wrong);
            assert_eq!(set_right, wrong + 1, "{year}");
        }
    }

    #[test]
    fn a_leap_goes_forward() {
        let ids = IdGenerator::default();
        let first = ids.next(Millis(1_790_000_000_000), 0);
        (0..100).for_each(|_| ids.leap());
        assert!(
            ids.next(Millis(1_790_000_000_000), 0) > first + 100,
            "100 random leaps"
        );
    }

    #[test]
    fn a_reply_is_younger_than_its_parent_whatever_the_clock_says() {
        let parent = IdGenerator::default().next(Millis(1_900_000_000_000), 0);
        assert!(IdGenerator::default().next(Millis(1_790_000_000_000), parent) > parent);
    }

    #[test]
    fn an_id_in_a_url_is_plain_decimal() {
        assert_eq!(CommentId::parse("12"), Some(CommentId(12)));
        for bad in [
            "",
            "0",
            "012",
            "-1",
            "+1",
            " 1",
            "1e3",
            "9007199254740992",
            "99999999999999999999",
        ] {
            assert_eq!(CommentId::parse(bad), None, "{bad:?}");
        }
    }
}
