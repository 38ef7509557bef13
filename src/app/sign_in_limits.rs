//! Limits of sign-in attempts: they bound guessing, and an attacker cannot lock an owner out.
//!
//! A device on which the account has signed in ([`crate::service::accounts::known_devices`]) is counted by itself:
//! attempts on other devices do not affect it. Other devices are counted by account and network, with a delay that
//! grows to a quarter of an hour; by network, over all accounts; and by account, over all networks, for a day. Half of
//! a day's attempts are reserved for the first few of each network, so that a few networks cannot use them up. Names
//! without an account are counted like others. An attempt counts as failed from its start, so that many at once gain
//! nothing. A refused attempt is not counted and does not extend the delay. See docs/decisions/0008-sign-in.md.
//!
//! The counts are in the memory of this node, and bounded: from a full table the lowest counts are dropped first.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::error::Error;
use crate::{
    app::fair_share::{FairQueue, QueuePermit, allowances},
    config::{Rate, RateLimit},
    model::{
        network::Network,
        time::{DAY, Millis, SECOND},
    },
};

/// Failures in a row without a delay, of a device, or of a network with one account. A /56 has twice as many, a /48
/// four times.
pub const FREE_ATTEMPTS: u32 = 5;
/// The delay after the last of these, in milliseconds. Each further failure doubles it.
pub const FIRST_DELAY: i64 = 5 * SECOND;
/// The longest delay in milliseconds.
pub const MAX_DELAY: i64 = 15 * 60 * SECOND;
/// Failures of one account in a day, on all unknown devices.
pub const MAX_FAILURES_PER_DAY: u32 = 2_400;
/// Maximum time that an attempt on an unknown device waits for a hash slot.
const HASH_SLOT_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum number of keys in each of the two tables.
const MAX_KEYS: usize = 100_000;

/// The source of an attempt.
#[derive(Clone, Copy, Debug)]
pub enum SignInSource<'a> {
    /// A device on which the account has signed in, by its id.
    Known(&'a str),
    /// Any other device, by its network.
    Unknown(Network),
}

/// The limits of this node.
pub struct SignInLimits {
    limit: RateLimit,
    keys: RandomState,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    failures: HashMap<u64, Failures>,
    /// The time when each bucket is full (GCRA).
    full_at: HashMap<u64, Millis>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    first: Millis,
    last: Millis,
}

/// An attempt that is counted as failed until [`SignInLimits::succeeded`].
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    series: Vec<(u64, Millis)>,
    day: Option<(u64, Millis)>,
    taken: Vec<(u64, i64)>,
}

/// The scope of a count, as part of its key.
#[derive(Hash)]
enum Scope {
    Device,
    Network,
    Account,
    AllAccounts,
    Server,
}

impl SignInLimits {
    /// The limits by `limits.login`. If it is off, nothing is limited.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            keys: RandomState::new(),
            counts: Mutex::default(),
        }
    }

    /// Counts an attempt to sign in to `account`.
    ///
    /// # Errors
    /// The seconds to wait. The attempt is not counted then.
    pub fn begin(&self, now: Millis, account: &str, from: SignInSource<'_>) -> Result<Attempt, u64> {
        let mut attempt = Attempt {
            series: Vec::new(),
            day: None,
            taken: Vec::new(),
        };
        if self.limit == RateLimit::default() {
            return Ok(attempt);
        }
        let mut counts = self.lock();
        let mut wait = 0;
        let mut is_new = true;
        for (key, free) in self.series(account, from) {
            let failures = counts.failures(key, now);
            wait = wait.max(failures.delay(free, now));
            is_new = failures.count < FREE_ATTEMPTS;
            attempt.series.push((key, failures.last));
        }
        let mut rates = Vec::new();
        if let SignInSource::Unknown(network) = from {
            let key = self.key((Scope::Account, account));
            let day = counts.day(key, now);
            if day.count >= MAX_FAILURES_PER_DAY || (day.count >= MAX_FAILURES_PER_DAY / 2 && !is_new) {
                wait = wait.max(DAY - now.since(day.first));
            }
            attempt.day = Some((key, day.last));
            rates = self.rates(network);
            for (key, rate) in &rates {
                wait = wait.max(counts.bucket_wait(*key, *rate, now));
            }
        }
        if wait > 0 {
            return Err(wait.unsigned_abs().div_ceil(SECOND.unsigned_abs()));
        }
        for (key, rate) in rates {
            attempt.taken.push((key, counts.take(key, rate, now)));
        }
        for (key, _) in attempt.series.iter().chain(&attempt.day) {
            counts.fail(*key, now);
        }
        Ok(attempt)
    }

    /// Ends the series of failures, after a right password.
    pub fn succeeded(&self, attempt: &Attempt) {
        let mut counts = self.lock();
        for (key, _) in &attempt.series {
            counts.failures.remove(key);
        }
        counts.take_back(attempt.day);
    }

    /// Removes an attempt from all counts, if no password was checked.
    pub fn cancel(&self, attempt: &Attempt) {
        let mut counts = self.lock();
        for counted in attempt.series.iter().chain(&attempt.day) {
            counts.take_back(Some(*counted));
        }
        for (key, each) in &attempt.taken {
            if let Some(full_at) = counts.full_at.get_mut(key) {
                *full_at = full_at.plus(-each);
            }
        }
    }

    /// Drops counts that are over, and frees their memory. Call it every minute.
    pub fn sweep(&self, now: Millis) {
        let mut counts = self.lock();
        counts
            .failures
            .retain(|_, failures| now.since(failures.last) < DAY);
        counts.full_at.retain(|_, full_at| *full_at > now);
        counts.failures.shrink_to_fit();
        counts.full_at.shrink_to_fit();
    }

    /// The keys that are delayed after failures in a row, the widest prefix last, each with its failures without a
    /// delay.
    fn series(&self, account: &str, from: SignInSource<'_>) -> Vec<(u64, u32)> {
        match from {
            SignInSource::Known(device) => vec![(self.key((Scope::Device, account, device)), FREE_ATTEMPTS)],
            SignInSource::Unknown(network) => network
                .prefixes()
                .map(|prefix| {
                    let free = FREE_ATTEMPTS * allowances(prefix.width());
                    (self.key((Scope::Network, account, prefix)), free)
                })
                .collect(),
        }
    }

    fn rates(&self, network: Network) -> Vec<(u64, Rate)> {
        let by_prefix = self.limit.address.into_iter().flat_map(|rate| {
            network.prefixes().map(move |prefix| {
                let count = rate.count.saturating_mul(allowances(prefix.width()));
                let key = self.key((Scope::AllAccounts, prefix));
                (key, Rate { count, ..rate })
            })
        });
        let of_server = self.limit.global.map(|rate| (self.key(Scope::Server), rate));
        by_prefix.chain(of_server).collect()
    }

    fn key(&self, parts: impl Hash) -> u64 {
        self.keys.hash_one(parts)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// The failures in a row. They end with a day without a failure.
    fn failures(&mut self, key: u64, now: Millis) -> Failures {
        self.found(key, now)
            .filter(|found| now.since(found.last) < DAY)
            .unwrap_or(Failures::none(now))
    }

    /// The failures of a day. The day starts with the first of them.
    fn day(&mut self, key: u64, now: Millis) -> Failures {
        match self.found(key, now) {
            Some(found) if now.since(found.first) < DAY => found,
            _ => {
                self.failures.remove(&key);
                Failures::none(now)
            }
        }
    }

    /// The failures of a key. Times in the future are set to now, so that a clock that was set back extends no delay.
    fn found(&mut self, key: u64, now: Millis) -> Option<Failures> {
        let found = self.failures.get_mut(&key)?;
        found.first = found.first.min(now);
        found.last = found.last.min(now);
        Some(*found)
    }

    fn fail(&mut self, key: u64, now: Millis) {
        let before = self.failures(key, now);
        make_room(&mut self.failures, |failures| {
            (i64::from(failures.count), failures.last)
        });
        let count = before.count.saturating_add(1);
        self.failures.insert(
            key,
            Failures {
                count,
                last: now,
                ..before
            },
        );
    }

    fn take_back(&mut self, counted: Option<(u64, Millis)>) {
        let Some((key, last)) = counted else { return };
        if let Some(failures) = self.failures.get_mut(&key) {
            failures.count = failures.count.saturating_sub(1);
            failures.last = failures.last.min(last);
        }
    }

    fn bucket_wait(&mut self, key: u64, rate: Rate, now: Millis) -> i64 {
        let (each, all) = millis(rate);
        let Some(full_at) = self.full_at.get_mut(&key) else {
            return 0;
        };
        *full_at = (*full_at).min(now.plus(all));
        (full_at.since(now) + each - all).max(0)
    }

    /// Takes one token. Returns the milliseconds by which the bucket is full later.
    fn take(&mut self, key: u64, rate: Rate, now: Millis) -> i64 {
        let (each, all) = millis(rate);
        make_room(&mut self.full_at, |full_at| (full_at.0, *full_at));
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now).min(now.plus(all)).plus(each);
        each
    }
}

impl Failures {
    fn none(now: Millis) -> Self {
        Self {
            count: 0,
            first: now,
            last: now,
        }
    }

    /// Milliseconds from `now` until the next attempt, with `free` failures without a delay.
    fn delay(self, free: u32, now: Millis) -> i64 {
        let Some(beyond) = self.count.checked_sub(free) else {
            return 0;
        };
        let delay = (FIRST_DELAY << beyond.min(20)).min(MAX_DELAY);
        (delay - now.since(self.last)).max(0)
    }
}

/// The milliseconds in which one token, and all tokens, of a rate are refilled.
fn millis(rate: Rate) -> (i64, i64) {
    let all = i64::try_from(rate.per.as_millis()).unwrap_or(DAY);
    ((all / i64::from(rate.count)).max(1), all)
}

/// Drops the tenth of a full table that has the lowest ranks.
fn make_room<T>(table: &mut HashMap<u64, T>, rank: impl Fn(&T) -> (i64, Millis)) {
    if table.len() < MAX_KEYS {
        return;
    }
    let mut ranks: Vec<_> = table.values().map(&rank).collect();
    let (_, lowest, _) = ranks.select_nth_unstable(MAX_KEYS / 10);
    let lowest = *lowest;
    table.retain(|_, entry| rank(entry) > lowest);
}

/// The slots for password hashes, each of which takes a core and 46 MiB: one for known devices, one for others.
#[derive(Debug)]
pub struct PasswordHashSlots {
    known: Arc<Semaphore>,
    unknown: FairQueue,
}

/// A slot for a password hash. It is given back when it is dropped.
#[derive(Debug)]
pub struct PasswordHashSlot {
    _known: Option<OwnedSemaphorePermit>,
    _unknown: Option<QueuePermit>,
}

impl Default for PasswordHashSlots {
    fn default() -> Self {
        Self {
            known: Arc::new(Semaphore::new(1)),
            unknown: FairQueue::new(1, HASH_SLOT_TIMEOUT),
        }
    }
}

impl PasswordHashSlots {
    /// Waits for the slot of known devices.
    ///
    /// # Errors
    /// `busy` if it is not free in time.
    pub async fn acquire_for_known_device(&self) -> Result<PasswordHashSlot, Error> {
        let acquired = timeout(2 * HASH_SLOT_TIMEOUT, Arc::clone(&self.known).acquire_owned()).await;
        let permit = acquired.map_err(|_| busy())?.map_err(Error::internal)?;
        Ok(PasswordHashSlot {
            _known: Some(permit),
            _unknown: None,
        })
    }

    /// Waits for the slot of unknown devices. A network has one place in the queue.
    ///
    /// # Errors
    /// `busy` if it is not free in time.
    pub async fn acquire(&self, network: Network) -> Result<PasswordHashSlot, Error> {
        let permit = self.unknown.take(network).await.ok_or_else(busy)?;
        Ok(PasswordHashSlot {
            _known: None,
            _unknown: Some(permit),
        })
    }
}

fn busy() -> Error {
    Error::busy("passwords are being checked for others")
}

#[cfg(test)]
mod tests;
