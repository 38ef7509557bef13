//! The time by which upkeep judges what has been kept long enough. It follows the clock, but not its leaps.
//!
//! A clock that is ahead when the server starts cannot be told from a server that was stopped for long. So the
//! purge clock is kept in the database, and gains at most a day for each hour that the server runs: after a long
//! stop it catches up within hours, and a wrong clock has purged little before somebody sets it right. Nothing is
//! purged in the first hour after a start, in an hour in which the clock leapt, or by a clock that PostgreSQL's
//! own contradicts: the earlier of the two counts.

use std::time::Instant;

use crate::{
    app::context::App,
    model::time::{Clock, DAY, EARLIEST_VALID, HOUR, Millis},
    store::{StoreError, Tx, tables::instance},
};

/// Its name in the table `instance`.
const INSTANCE_KEY: &str = "purge_clock";
/// Milliseconds that it may gain for each that the server runs.
const CATCH_UP_FACTOR: i64 = DAY / HOUR;
/// How long the clock has to stay behind before the purge clock goes back to it: then the purge clock was wrong.
const CORRECTED_AFTER: i64 = DAY;

/// See the module.
#[derive(Debug)]
pub struct PurgeClock {
    behind_for: i64,
    last: (Millis, Instant),
}

impl PurgeClock {
    /// Begins to watch the clock.
    #[must_use]
    pub fn start(clock: &Clock) -> Self {
        Self {
            behind_for: 0,
            last: (clock.now(), Instant::now()),
        }
    }

    /// Notes, where the database has no purge clock yet, the time of its newest row.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn establish(app: &App) -> Result<(), StoreError> {
        let now = app.clock.now();
        app.store.write(move |tx| known(tx, now).map(|_| ())).await
    }

    /// Milliseconds that passed since the last call; none when the clock leapt forward in that time.
    pub fn elapsed(&mut self, clock: &Clock) -> Option<i64> {
        let (now, at) = (clock.now(), Instant::now());
        let passed = i64::try_from(at.duration_since(self.last.1).as_millis()).unwrap_or(i64::MAX);
        let kept_step = now.since(self.last.0) <= passed.saturating_add(HOUR);
        self.last = (now, at);
        kept_step.then_some(passed)
    }

    /// Follows the clock after the server ran for so many milliseconds; answers the time to purge by.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn advance(&mut self, app: &App, elapsed: i64) -> Result<Millis, StoreError> {
        let mut now = app.clock.now();
        if let Some(second) = app.store.clock().await? {
            now = now.min(second);
        }
        let behind_for = self.behind_for;
        let (purge_clock, behind_for) = app
            .store
            .write(move |tx| {
                let next = advanced(known(tx, now)?, now, elapsed, behind_for);
                instance::set(tx, INSTANCE_KEY, next.0.0)?;
                Ok::<_, StoreError>(next)
            })
            .await?;
        self.behind_for = behind_for;
        Ok(purge_clock.min(now))
    }
}

/// The purge clock as the database has it; where it has none, the time of the newest row, or now if that is later
/// or there is none.
fn known(tx: &mut dyn Tx, now: Millis) -> Result<Millis, StoreError> {
    if let Some(known) = instance::get(tx, INSTANCE_KEY)? {
        return Ok(Millis(known));
    }
    let first = instance::newest_row(tx)?.map_or(now, |newest| newest.min(now));
    instance::set(tx, INSTANCE_KEY, first.0)?;
    Ok(first)
}

/// The purge clock as the database has it, or `now` if that is later. It does not go back with a clock that is behind
/// for less than a day.
pub(crate) fn latest(tx: &mut dyn Tx, now: Millis) -> Result<Millis, StoreError> {
    Ok(instance::get(tx, INSTANCE_KEY)?.map_or(now, |known| now.max(Millis(known))))
}

/// The next purge clock, and for how long the clock has been behind it.
fn advanced(known: Millis, now: Millis, elapsed: i64, behind_for: i64) -> (Millis, i64) {
    if now >= known {
        let most = known.plus(elapsed.saturating_mul(CATCH_UP_FACTOR));
        return (now.min(most), 0);
    }
    let behind_for = behind_for.saturating_add(elapsed);
    // A clock that stands before this program was written is not set yet: nothing follows from it.
    if behind_for >= CORRECTED_AFTER && now >= EARLIEST_VALID {
        return (now, 0);
    }
    (known, behind_for)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn a_leap_is_followed_by_a_day_an_hour() {
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
    fn a_clock_that_leaps_forward_is_noticed_once() {
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
