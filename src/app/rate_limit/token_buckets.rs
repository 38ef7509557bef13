//! Token buckets by key, in bounded memory. governor counts; this module adds a maximum number of keys, and giving back
//! tokens that were not used.
//!
//! Beyond [`MAX_KEYS`], new keys share a few buckets until [`TokenBuckets::sweep`] has dropped full ones. A key that
//! has a bucket keeps it, so that many new keys neither lock known clients out nor reset their counts.

use std::{
    hash::{DefaultHasher, Hash, Hasher as _},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{DashMapStateStore, ShrinkableKeyedStateStore},
    },
};

use crate::config::Rate;

/// Maximum number of keys with buckets of their own.
pub(crate) const MAX_KEYS: usize = 100_000;

/// Number of buckets that new keys share when the table is full. More than one, so that an attacker does not use up
/// the share of all new clients; few, so that an attacker gains little.
pub(crate) const SHARED_KEYS: u64 = 256;

/// The buckets of one rate.
pub(crate) struct TokenBuckets {
    limiter: RateLimiter<u64, Table, DefaultClock>,
    table: Table,
    /// The tokens of a full bucket.
    capacity: NonZeroU32,
    /// Time in which one token is refilled.
    refill: Duration,
}

impl TokenBuckets {
    pub(crate) fn new(rate: Rate) -> Self {
        let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
        let refill = (rate.per / count.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(refill)
            .map_or_else(|| Quota::per_second(count), |quota| quota.allow_burst(count));
        let table = Table::default();
        Self {
            limiter: RateLimiter::new(quota, table.clone(), DefaultClock::default()),
            table,
            capacity: count,
            refill,
        }
    }

    /// Takes one token from the key's bucket.
    ///
    /// # Errors
    /// The seconds until there is one.
    pub(crate) fn take(&self, key: impl Hash) -> Result<(), u64> {
        self.take_many(key, NonZeroU32::MIN)
    }

    /// Takes `count` tokens from the key's bucket, or as many as a full bucket has if that is fewer.
    ///
    /// # Errors
    /// The seconds until there are as many. Nothing is taken then.
    pub(crate) fn take_many(&self, key: impl Hash, count: NonZeroU32) -> Result<(), u64> {
        let count = count.min(self.capacity);
        self.limiter
            .check_key_n(&hash(key), count)
            .unwrap_or(Ok(()))
            .map_err(|not| not.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// Puts back the token that [`TokenBuckets::take`] took.
    pub(crate) fn give_back(&self, key: impl Hash) {
        self.give_back_many(key, NonZeroU32::MIN);
    }

    /// Puts back the tokens that [`TokenBuckets::take_many`] took.
    pub(crate) fn give_back_many(&self, key: impl Hash, count: NonZeroU32) {
        let refilled = Nanos::from(self.refill * count.min(self.capacity).get());
        let _: Result<(), ()> = self.table.measure_and_replace(&hash(key), |full_at| {
            Ok(((), full_at.unwrap_or_default().saturating_sub(refilled)))
        });
    }

    /// Drops full buckets, and frees their memory.
    pub(crate) fn sweep(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.limiter.len()
    }
}

/// Hashes a key of its own. Values below [`SHARED_KEYS`] are for shared keys.
fn hash(key: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish().max(SHARED_KEYS)
}

/// A table of at most [`MAX_KEYS`] keys and the shared ones.
#[derive(Clone, Default)]
struct Table(Arc<DashMapStateStore<u64>>);

impl StateStore for Table {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let known = self.0.contains_key(key) || self.0.len() < MAX_KEYS;
        self.0
            .measure_and_replace(&if known { *key } else { key % SHARED_KEYS }, f)
    }
}

impl ShrinkableKeyedStateStore<u64> for Table {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.retain_recent(drop_below);
    }

    fn shrink_to_fit(&self) {
        ShrinkableKeyedStateStore::shrink_to_fit(&*self.0);
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(count: u32) -> TokenBuckets {
        TokenBuckets::new(Rate {
            count,
            per: Duration::from_secs(3_600),
        })
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let buckets = buckets(2);
        for _ in 0..50 {
            buckets.take(1).unwrap();
            buckets.give_back(1);
        }
        buckets.take(1).unwrap();
        buckets.take(1).unwrap();
        assert!(buckets.take(1).unwrap_err() > 1_700);
        buckets.give_back(1);
        buckets.take(1).unwrap();
        buckets.take(1).unwrap_err();
    }

    #[test]
    fn giving_back_makes_no_bucket_larger() {
        let buckets = buckets(2);
        for _ in 0..50 {
            buckets.give_back(1);
        }
        assert_eq!((0..10).filter(|_| buckets.take(1).is_ok()).count(), 2);
    }
}
