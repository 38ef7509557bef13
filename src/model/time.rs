//! Milliseconds since 1970-01-01 UTC, and the clock of the process.
//!
//! Nothing else in the project reads the system's time of day.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// A moment, in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

/// One second, one hour and one day in milliseconds.
pub const SECOND: i64 = 1_000;
/// See [`SECOND`].
pub const HOUR: i64 = 3_600 * SECOND;
/// See [`SECOND`].
pub const DAY: i64 = 24 * HOUR;

/// 2026-01-01, before the first release: a clock that reads earlier is not set.
pub const EARLIEST_VALID: Millis = Millis(1_767_225_600_000);
/// The last moment with a four-digit year, in milliseconds.
const LATEST_VALID_MS: i64 = 253_402_300_799_999;

impl Millis {
    /// The moment `millis` milliseconds later; earlier if negative.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; negative if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The clock of the process: the system's, or one that a test sets.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that reads `at` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn standing(at: Millis) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.0))))
    }

    /// Moves a test clock by `millis` milliseconds; no effect on the system's.
    pub fn advance(&self, millis: i64) {
        if let Some(at) = &self.0 {
            at.fetch_add(millis, Ordering::Relaxed);
        }
    }

    /// The current time. A system clock before 1970 reads as 1970, one after 9999 as the end of 9999.
    #[must_use]
    pub fn now(&self) -> Millis {
        match &self.0 {
            Some(at) => Millis(at.load(Ordering::Relaxed)),
            None => Millis(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| {
                i64::try_from(d.as_millis())
                    .unwrap_or(i64::MAX)
                    .min(LATEST_VALID_MS)
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_by_hand() {
        let clock = Clock::standing(Millis(5));
        assert_eq!(clock.now(), Millis(5));
        clock.advance(7);
        assert_eq!(clock.now(), Millis(12));
        assert_eq!(clock.now().since(Millis(2)), 10);
    }
}
