//! The purge clock: the time by which retention is measured. It follows the system clock, but not its jumps.
//!
//! A system clock that is ahead at the start of the server cannot be distinguished from a server that was stopped for
//! long. So the purge clock is stored in the database, and gains at most a day for each hour that the server runs:
//! after a long stop it catches up within hours, and a wrong clock has purged little before it is corrected. Nothing is
//! purged in the first hour after a start and in an hour in which the clock jumped. With PostgreSQL, the earlier of the
//! two machines' clocks counts.

use std::time::Instant;

use crate::{
    app::context::App,
    model::time::{Clock, DAY, EARLIEST_VALID, HOUR, Millis},
    store::{StoreError, Tx, tables::instance},
};

/// The key of the purge clock in the table `instance`.
const INSTANCE_KEY: &str = "purge_clock";
/// Maximum gain of the purge clock, in milliseconds per millisecond that the server runs.
const CATCH_UP_FACTOR: i64 = DAY / HOUR;
/// Milliseconds for which the clock stays behind the purge clock before the purge clock goes back to it, since it was
/// wrong.
const CORRECTED_AFTER: i64 = DAY;

/// The state of the purge clock in memory.
#[derive(Debug)]
pub struct PurgeClock {
    /// Milliseconds for which the clock has been behind.
    behind_for: i64,
    last: (Millis, Instant),
}

impl PurgeClock {
    /// Starts to measure from now.
    #[must_use]
    pub fn start(clock: &Clock) -> Self {
        Self {
            behind_for: 0,
            last: (clock.now(), Instant::now()),
        }
    }

    /// Sets the purge clock of a database that has none to the time of its newest row.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn establish(app: &App) -> Result<(), StoreError> {
        let now = app.clock.now();
        app.store.write(move |tx| stored(tx, now).map(|_| ())).await
    }

    /// Milliseconds since the last call; none if the clock jumped forward in that time.
    pub fn elapsed(&mut self, clock: &Clock) -> Option<i64> {
        let (now, at) = (clock.now(), Instant::now());
        let passed = i64::try_from(at.duration_since(self.last.1).as_millis()).unwrap_or(i64::MAX);
        let kept_step = now.since(self.last.0) <= passed.saturating_add(HOUR);
        self.last = (now, at);
        kept_step.then_some(passed)
    }

    /// Advances the purge clock after the server ran for `elapsed` milliseconds. Returns the time to purge by.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn advance(&mut self, app: &App, elapsed: i64) -> Result<Millis, StoreError> {
        let mut now = app.clock.now();
        if let Some(database_clock) = app.store.clock().await? {
            now = now.min(database_clock);
        }
        let behind_for = self.behind_for;
        let (purge_clock, behind_for) = app
            .store
            .write(move |tx| {
                let next = advanced(stored(tx, now)?, now, elapsed, behind_for);
                instance::set(tx, INSTANCE_KEY, next.0.0)?;
                Ok::<_, StoreError>(next)
            })
            .await?;
        self.behind_for = behind_for;
        Ok(purge_clock.min(now))
    }
}

/// The stored purge clock. If there is none, stores the time of the newest row, or `now` if that is earlier or there is
/// no row.
fn stored(tx: &mut dyn Tx, now: Millis) -> Result<Millis, StoreError> {
    if let Some(stored) = instance::get(tx, INSTANCE_KEY)? {
        return Ok(Millis(stored));
    }
    let first = instance::newest_row(tx)?.map_or(now, |newest| newest.min(now));
    instance::set(tx, INSTANCE_KEY, first.0)?;
    Ok(first)
}

/// The stored purge clock, or `now` if that is later. It does not go back with a clock that is behind for less than a
/// day.
///
/// # Errors
/// Those of the store.
pub(crate) fn latest(tx: &mut dyn Tx, now: Millis) -> Result<Millis, StoreError> {
    Ok(instance::get(tx, INSTANCE_KEY)?.map_or(now, |stored| now.max(Millis(stored))))
}

/// The next purge clock, and the milliseconds for which the clock has been behind it.
fn advanced(stored: Millis, now: Millis, elapsed: i64, behind_for: i64) -> (Millis, i64) {
    if now >= stored {
        let max = stored.plus(elapsed.saturating_mul(CATCH_UP_FACTOR));
        return (now.min(max), 0);
    }
    let behind_for = behind_for.saturating_add(elapsed);
    // A clock before the date of this program is not set yet, and is ignored.
    if behind_for >= CORRECTED_AFTER && now >= EARLIEST_VALID {
        return (now, 0);
    }
    (stored, behind_for)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn a_jump_is_followed_by_a_day_an_hour() {
        assert_eq!(
            advanced(NOW, NOW.plus(HOUR), HOUR, 0).0,
            NOW.plus(HOUR),
            "in step"
        );
        let mut at = NOW;
        for hour in 1..=40 {
            at = advanced(at, NOW.plus(40 * DAY), HOUR, 0).0;
            assert_eq!(at, NOW.plus(hour * DAY));
        }
        assert_eq!(advanced(at, NOW.plus(40 * DAY), HOUR, 0).0, NOW.plus(40 * DAY));
        assert_eq!(
            advanced(NOW, Millis(i64::MAX), i64::MAX, 0).0,
            Millis(i64::MAX),
            "no overflow"
        );
    }

    #[test]
    fn it_goes_back_only_to_a_clock_that_stays_behind() {
        let (year, mut at, mut behind) = (365 * DAY, NOW, 0);
        for _ in 1..24 {
            (at, behind) = advanced(at, NOW.plus(-year), HOUR, behind);
            assert_eq!(at, NOW);
        }
        assert_eq!(
            advanced(at, NOW.plus(1), HOUR, behind),
            (NOW.plus(1), 0),
            "it was set right"
        );
        assert_eq!(
            advanced(at, NOW.plus(-2 * HOUR), HOUR, behind),
            (NOW.plus(-2 * HOUR), 0)
        );
        assert_eq!(advanced(at, Millis(0), 100 * DAY, 0).0, NOW, "1970 is no time");
    }

    #[test]
    fn a_clock_that_jumps_forward_is_noticed_once() {
        let clock = Clock::standing(NOW);
        let mut watch = PurgeClock::start(&clock);
        assert!(watch.elapsed(&clock).is_some(), "it stands");
        clock.advance(30 * DAY);
        assert_eq!(watch.elapsed(&clock), None, "it was set");
        assert!(watch.elapsed(&clock).is_some(), "it stands again");
        clock.advance(-30 * DAY);
        assert!(watch.elapsed(&clock).is_some(), "set back, nothing is due");
    }
}
