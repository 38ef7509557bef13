//! How much of what: by client address, by site, and in all.
//!
//! governor's keyed tables grow with every new address, so each is bounded: beyond [`MOST_KEYS`] strangers
//! share a few keys until [`Limits::sweep`] has dropped those that are at rest. Who has a key keeps it: a
//! crowd of addresses neither locks out those who were there before, nor forgives them what they spent.

use std::{
    hash::{DefaultHasher, Hash, Hasher as _},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, InsufficientCapacity, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{DashMapStateStore, ShrinkableKeyedStateStore},
    },
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::error::Error;
use crate::{
    config::{Action, Config, Rate},
    model::{id::SiteId, network::Network},
};

/// Addresses (or sites) with a bucket of their own, by action.
pub const MOST_KEYS: usize = 100_000;

/// Keys that strangers share when the table is full. More than one, so that a crowd does not stand for
/// everybody; few, so that it gains little.
const SHARED_KEYS: u64 = 256;

/// The limits of all actions.
pub struct Limits([Limiter; Action::ALL.len()]);

/// What a whole IPv6 /48 may, in allowances of a /64: many a household and every cheap server has one, with
/// 65,536 networks of the size that is counted as an address.
const WIDE: u32 = 16;

struct Limiter {
    address: Option<Keyed>,
    wide: Option<Keyed>,
    site: Option<Keyed>,
    global: Option<DefaultDirectRateLimiter>,
    counted: [Counter; OUTCOMES.len()],
}

/// How a check ends: allowed, or refused by one of the three.
const OUTCOMES: [&str; 4] = ["allowed", "address", "site", "global"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Checked {
    action: &'static str,
    outcome: &'static str,
}

type Keyed = RateLimiter<u64, Bounded, DefaultClock>;

/// A table that stops growing.
struct Bounded(DashMapStateStore<u64>);

impl StateStore for Bounded {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let known = self.0.contains_key(key) || self.0.len() < MOST_KEYS;
        self.0
            .measure_and_replace(&if known { *key } else { key % SHARED_KEYS }, f)
    }
}

impl ShrinkableKeyedStateStore<u64> for Bounded {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.retain_recent(drop_below);
    }

    fn shrink_to_fit(&self) {
        ShrinkableKeyedStateStore::shrink_to_fit(&self.0);
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn keyed(rate: Rate) -> Keyed {
    RateLimiter::new(
        quota(rate),
        Bounded(DashMapStateStore::default()),
        DefaultClock::default(),
    )
}

impl Limits {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self(Action::ALL.map(|action| {
            let limit = config.limit(action);
            Limiter {
                address: limit.address.map(keyed),
                wide: limit.address.map(|rate| {
                    keyed(Rate {
                        count: rate.count.saturating_mul(WIDE),
                        ..rate
                    })
                }),
                site: limit.site.map(keyed),
                global: limit.global.map(|rate| RateLimiter::direct(quota(rate))),
                counted: Default::default(),
            }
        }))
    }

    /// Counts one action of a client network on a site (none: of the server).
    /// Errors: `rate_limited` with the seconds to wait; then nothing further was counted.
    pub fn check(&self, action: Action, network: Network, site: Option<SiteId>) -> Result<(), Error> {
        let limiter = &self.0[action as usize];
        let ended = limiter.check(network, site);
        let outcome = ended.as_ref().map_or_else(|(by, _)| *by, |()| 0);
        limiter.counted[outcome].inc();
        ended.map_err(|(_, error)| error)
    }

    /// Counts further actions of a client network, for one that was counted and costs as much as several. More than the
    /// network may do at once is counted as that much.
    /// Errors: `rate_limited` with the seconds to wait; then nothing further was counted.
    pub fn charge(&self, action: Action, network: Network, further: u32) -> Result<(), Error> {
        let limiter = &self.0[action as usize];
        let charged = limiter.charge(network, further);
        if charged.is_err() {
            limiter.counted[1].inc();
        }
        charged
    }

    /// Adds how often each limit allowed and refused to what an operator is shown.
    pub fn register(&self, registry: &mut Registry) {
        let all = Family::<Checked, Counter>::default();
        for (action, limiter) in Action::ALL.into_iter().zip(&self.0) {
            for (outcome, counted) in OUTCOMES.into_iter().zip(&limiter.counted) {
                let action = action.as_str();
                all.get_or_create(&Checked { action, outcome })
                    .inc_by(counted.get());
            }
        }
        registry.register(
            "afterword_limit_checks",
            "Actions allowed, or refused by the limit for an address, a site or all",
            all,
        );
    }

    /// Drops buckets that are full again, and their memory. To be called every minute.
    pub fn sweep(&self) {
        for table in self
            .0
            .iter()
            .flat_map(|limiter| [&limiter.address, &limiter.wide, &limiter.site])
            .flatten()
        {
            table.retain_recent();
            table.shrink_to_fit();
        }
    }
}

impl Limiter {
    fn charge(&self, network: Network, further: u32) -> Result<(), Error> {
        let Some(further) = NonZeroU32::new(further) else {
            return Ok(());
        };
        let charge = |table: &Option<Keyed>, key: u64| match table {
            None => Ok(()),
            Some(table) => match table.check_key_n(&key, further) {
                Ok(counted) => counted.map_err(|not| wait(&not)),
                Err(InsufficientCapacity(most)) => NonZeroU32::new(most)
                    .and_then(|most| table.check_key_n(&key, most).ok())
                    .unwrap_or(Ok(()))
                    .map_err(|not| wait(&not)),
            },
        };
        charge(&self.address, hash(network))?;
        network
            .wide()
            .map_or(Ok(()), |wide| charge(&self.wide, hash(wide)))
    }

    /// Errors: which of [`OUTCOMES`] refused, and what the caller hears.
    fn check(&self, network: Network, site: Option<SiteId>) -> Result<(), (usize, Error)> {
        let wait = |not: governor::NotUntil<_>| self::wait(&not);
        if let Some(table) = &self.address {
            table.check_key(&hash(network)).map_err(|not| (1, wait(not)))?;
        }
        if let (Some(table), Some(wide)) = (&self.wide, network.wide()) {
            table.check_key(&hash(wide)).map_err(|not| (1, wait(not)))?;
        }
        if let (Some(table), Some(site)) = (&self.site, site) {
            table.check_key(&hash(site)).map_err(|not| (2, wait(not)))?;
        }
        if let Some(one) = &self.global {
            one.check().map_err(|not| (3, wait(not)))?;
        }
        Ok(())
    }
}

/// Errors are what the caller hears: when to come back.
fn wait(not: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> Error {
    Error::rate_limited(not.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
}

fn quota(rate: Rate) -> Quota {
    let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
    let each = (rate.per / count.get()).max(Duration::from_nanos(1));
    Quota::with_period(each).map_or_else(|| Quota::per_second(count), |quota| quota.allow_burst(count))
}

fn hash(key: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    // Above the keys that strangers share.
    hasher.finish().max(SHARED_KEYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Limit, service::error::Kind};
    use std::net::Ipv4Addr;

    fn limits(words: &str) -> Limits {
        let mut config = Config::default();
        config.limits[Action::Post as usize] = Limit::parse(words).unwrap();
        Limits::new(&config)
    }

    fn client(n: usize) -> Network {
        Network::of(Ipv4Addr::from(u32::try_from(n).unwrap()).into())
    }

    #[test]
    fn the_eleventh_in_a_minute_waits() {
        let limits = limits("address=10/1m");
        for _ in 0..10 {
            limits.check(Action::Post, client(1), None).unwrap();
        }
        let error = limits.check(Action::Post, client(1), None).unwrap_err();
        assert_eq!(error.kind, Kind::RateLimited);
        assert!((1..=7).contains(&error.retry_after.unwrap()), "{error:?}");
        limits.check(Action::Post, client(2), None).unwrap();
        limits.check(Action::Read, client(1), None).unwrap();
    }

    #[test]
    fn a_site_and_the_server_have_limits_of_their_own() {
        let by_site = limits("site=2/1h");
        for n in 0..2 {
            by_site.check(Action::Post, client(n), Some(SiteId(7))).unwrap();
        }
        assert!(by_site.check(Action::Post, client(90), Some(SiteId(7))).is_err());
        by_site.check(Action::Post, client(90), Some(SiteId(8))).unwrap();
        let global = limits("global=1/1h");
        global.check(Action::Post, client(1), None).unwrap();
        assert!(global.check(Action::Post, client(2), None).is_err());
    }

    #[test]
    fn a_household_of_many_networks_has_the_allowance_of_sixteen() {
        let limits = limits("address=2/1h");
        let good = |prefix: &str| {
            (0..200)
                .filter(|n| {
                    limits
                        .check(
                            Action::Post,
                            Network::of(format!("{prefix}:{n:x}::1").parse().unwrap()),
                            None,
                        )
                        .is_ok()
                })
                .count()
        };
        assert_eq!(good("2001:db8:1"), 32);
        assert_eq!(good("2001:db8:1"), 0);
        assert_eq!(good("2001:db8:2"), 32, "the neighbour");
    }

    #[test]
    fn what_costs_as_much_as_several_is_charged_as_several() {
        let limits = limits("address=10/1h");
        let (one, other) = (client(1), client(2));
        limits.check(Action::Post, one, None).unwrap();
        limits.charge(Action::Post, one, 0).unwrap();
        limits.charge(Action::Post, one, 8).unwrap();
        assert!(limits.charge(Action::Post, one, 2).is_err(), "one is left");
        limits.check(Action::Post, one, None).unwrap();
        assert!(limits.check(Action::Post, one, None).is_err());
        limits.charge(Action::Post, other, 1_000).unwrap();
        assert!(
            limits.check(Action::Post, other, None).is_err(),
            "more than all at once is all"
        );
    }

    #[test]
    fn off_is_off() {
        let limits = limits("off");
        for _ in 0..10_000 {
            limits.check(Action::Post, client(1), Some(SiteId(1))).unwrap();
        }
    }

    #[test]
    fn a_crowd_of_addresses_does_not_grow_the_table_for_ever() {
        let limits = limits("address=1000000/1s");
        for n in 0..(MOST_KEYS + 5_000) {
            let _ = limits.check(Action::Post, client(n), None);
        }
        let table = limits.0[Action::Post as usize].address.as_ref().unwrap();
        assert!(table.len() <= MOST_KEYS + SHARED_KEYS as usize, "{}", table.len());
    }

    #[test]
    fn a_crowd_of_addresses_neither_locks_out_nor_forgives_who_was_there_before() {
        let (limits, calm, spent) = (limits("address=2/1h"), client(1), client(2));
        limits.check(Action::Post, calm, None).unwrap();
        for _ in 0..2 {
            limits.check(Action::Post, spent, None).unwrap();
        }
        let strangers = |from: usize| {
            (from..from + MOST_KEYS + 5_000)
                .filter(|n| limits.check(Action::Post, client(*n), None).is_ok())
                .count()
        };
        assert!(strangers(10) >= MOST_KEYS - 2);
        // Beyond that, strangers have what the shared keys have.
        assert!(strangers(10 * MOST_KEYS) <= 2 * SHARED_KEYS as usize);
        limits.check(Action::Post, calm, None).unwrap();
        assert!(limits.check(Action::Post, spent, None).is_err());
    }
}
