//! How much of what: by client address, by site, and in all.
//!
//! governor's keyed tables grow with every new address, so each is bounded: beyond [`MOST_KEYS`] all
//! strangers share one key until [`Limits::sweep`] has dropped those that are at rest.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::error::Error;
use crate::{
    config::{Action, Config, Rate},
    model::id::SiteId,
};

/// Addresses (or sites) with a bucket of their own, by action.
pub const MOST_KEYS: usize = 100_000;

/// The limits of all actions.
pub struct Limits([Limiter; Action::ALL.len()]);

struct Limiter {
    address: Option<DefaultKeyedRateLimiter<u64>>,
    site: Option<DefaultKeyedRateLimiter<u64>>,
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

impl Limits {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self(Action::ALL.map(|action| {
            let limit = config.limit(action);
            Limiter {
                address: limit.address.map(|rate| RateLimiter::keyed(quota(rate))),
                site: limit.site.map(|rate| RateLimiter::keyed(quota(rate))),
                global: limit.global.map(|rate| RateLimiter::direct(quota(rate))),
                counted: Default::default(),
            }
        }))
    }

    /// Counts one action of a client network on a site (none: of the server).
    /// Errors: `rate_limited` with the seconds to wait; then nothing further was counted.
    pub fn check(&self, action: Action, network: &str, site: Option<SiteId>) -> Result<(), Error> {
        let limiter = &self.0[action as usize];
        let ended = limiter.check(network, site);
        let outcome = ended.as_ref().map_or_else(|(by, _)| *by, |()| 0);
        limiter.counted[outcome].inc();
        ended.map_err(|(_, error)| error)
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
            .flat_map(|limiter| [&limiter.address, &limiter.site])
            .flatten()
        {
            table.retain_recent();
            table.shrink_to_fit();
        }
    }
}

impl Limiter {
    /// Errors: which of [`OUTCOMES`] refused, and what the caller hears.
    fn check(&self, network: &str, site: Option<SiteId>) -> Result<(), (usize, Error)> {
        let now = DefaultClock::default();
        let wait =
            |not: governor::NotUntil<_>| Error::rate_limited(not.wait_time_from(now.now()).as_secs() + 1);
        if let Some(table) = &self.address {
            table
                .check_key(&bounded(table, hash(network)))
                .map_err(|not| (1, wait(not)))?;
        }
        if let (Some(table), Some(site)) = (&self.site, site) {
            table
                .check_key(&bounded(table, hash(&site.to_string())))
                .map_err(|not| (2, wait(not)))?;
        }
        if let Some(one) = &self.global {
            one.check().map_err(|not| (3, wait(not)))?;
        }
        Ok(())
    }
}

fn quota(rate: Rate) -> Quota {
    let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
    let each = (rate.per / count.get()).max(Duration::from_nanos(1));
    Quota::with_period(each).map_or_else(|| Quota::per_second(count), |quota| quota.allow_burst(count))
}

/// The key itself while there is room, else the one that all strangers share.
fn bounded(table: &DefaultKeyedRateLimiter<u64>, key: u64) -> u64 {
    if table.len() < MOST_KEYS { key } else { 0 }
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() | 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Limit, service::error::Kind};

    fn limits(words: &str) -> Limits {
        let mut config = Config::default();
        config.limits[Action::Post as usize] = Limit::parse(words).unwrap();
        Limits::new(&config)
    }

    #[test]
    fn the_eleventh_in_a_minute_waits() {
        let limits = limits("address=10/1m");
        for _ in 0..10 {
            limits.check(Action::Post, "192.0.2.1", None).unwrap();
        }
        let error = limits.check(Action::Post, "192.0.2.1", None).unwrap_err();
        assert_eq!(error.kind, Kind::RateLimited);
        assert!((1..=7).contains(&error.retry_after.unwrap()), "{error:?}");
        limits.check(Action::Post, "192.0.2.2", None).unwrap();
        limits.check(Action::Read, "192.0.2.1", None).unwrap();
    }

    #[test]
    fn a_site_and_the_server_have_limits_of_their_own() {
        let by_site = limits("site=2/1h");
        for n in 0..2 {
            by_site
                .check(Action::Post, &n.to_string(), Some(SiteId(7)))
                .unwrap();
        }
        assert!(by_site.check(Action::Post, "x", Some(SiteId(7))).is_err());
        by_site.check(Action::Post, "x", Some(SiteId(8))).unwrap();
        let global = limits("global=1/1h");
        global.check(Action::Post, "a", None).unwrap();
        assert!(global.check(Action::Post, "b", None).is_err());
    }

    #[test]
    fn off_is_off() {
        let limits = limits("off");
        for _ in 0..10_000 {
            limits.check(Action::Post, "192.0.2.1", Some(SiteId(1))).unwrap();
        }
    }

    #[test]
    fn a_crowd_of_addresses_does_not_grow_the_table_for_ever() {
        let limits = limits("address=1000000/1s");
        for n in 0..(MOST_KEYS + 5_000) {
            let _ = limits.check(Action::Post, &n.to_string(), None);
        }
        let table = limits.0[Action::Post as usize].address.as_ref().unwrap();
        assert!(table.len() <= MOST_KEYS + 1, "{}", table.len());
    }
}
