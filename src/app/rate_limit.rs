//! Token-bucket limits per client network, site and server, by action.
//!
//! An attempt counts for the network that makes it, and for the IPv6 prefixes around that ([`crate::app::fair_share`]), whatever
//! comes of it. Only what is done counts for the site and the server ([`RateLimits::reserve`]): requests that are refused
//! take nothing from others.

use std::num::NonZeroU32;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::error::Error;
use crate::{
    app::{fair_share::allowances, token_buckets::TokenBuckets},
    config::{Action, Config, Rate, RateLimit},
    model::{
        id::SiteId,
        network::{Network, Prefix, PrefixWidth},
    },
};

/// The limits of all actions.
pub struct RateLimits([Limiter; Action::ALL.len()]);

struct Limiter {
    networks: Option<[TokenBuckets; PrefixWidth::ALL.len()]>,
    site: Option<TokenBuckets>,
    global: Option<TokenBuckets>,
    counted: [Counter; OUTCOMES.len()],
}

/// How a check ends: a network is allowed, or refused by one of the three.
const OUTCOMES: [&str; 4] = ["allowed", "address", "site", "global"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    action: &'static str,
    outcome: &'static str,
}

/// The most of a site's limit that a /56 or /48 has, as a divisor; beside what a single address may.
const SITE_SHARE: u32 = 4;

/// What one network and the prefixes around it may do.
fn rates(limit: RateLimit, address: Rate) -> [Rate; PrefixWidth::ALL.len()] {
    PrefixWidth::ALL.map(|width| {
        let count = address.count.saturating_mul(allowances(width));
        let share = |site: Rate| (site.count / SITE_SHARE).max(address.count);
        // Two rates compare by their counts when they are for the same time.
        let most = limit
            .site
            .filter(|site| site.per == address.per)
            .map_or(u32::MAX, share);
        Rate {
            count: count.min(most),
            ..address
        }
    })
}

/// A part of the limits of a site and the server. What is dropped was not used, and is given back.
#[must_use = "what is dropped is given back; keep() what was done"]
pub struct Reservation<'a> {
    limiter: &'a Limiter,
    site: Option<SiteId>,
    kept: bool,
}

impl Reservation<'_> {
    /// It was done.
    pub fn keep(mut self) {
        self.kept = true;
    }

    /// Keeps it if something was done.
    pub fn keep_if(self, done: bool) {
        if done {
            self.keep();
        }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let (Some(buckets), Some(site)) = (&self.limiter.site, self.site) {
            buckets.give_back(site);
        }
        if let Some(buckets) = &self.limiter.global {
            buckets.give_back(());
        }
    }
}

impl RateLimits {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self(Action::ALL.map(|action| {
            let limit = config.limit(action);
            Limiter {
                networks: limit
                    .address
                    .map(|rate| rates(limit, rate).map(TokenBuckets::new)),
                site: limit.site.map(TokenBuckets::new),
                global: limit.global.map(TokenBuckets::new),
                counted: Default::default(),
            }
        }))
    }

    /// Counts an attempt of a client. Errors: `rate_limited` with the seconds to wait; then it was not counted.
    pub fn check(&self, action: Action, network: Network) -> Result<(), Error> {
        let limiter = &self.0[action as usize];
        let ended = limiter.check(network, NonZeroU32::MIN);
        limiter.counted[usize::from(ended.is_err())].inc();
        ended
    }

    /// Counts further attempts of a client, for one that was counted and costs as much as several. More than a network
    /// may do at once is counted as that much. Errors: `rate_limited` with the seconds to wait; then nothing further was
    /// counted.
    pub fn charge(&self, action: Action, network: Network, further: u32) -> Result<(), Error> {
        let limiter = &self.0[action as usize];
        let Some(further) = NonZeroU32::new(further) else {
            return Ok(());
        };
        let charged = limiter.check(network, further);
        if charged.is_err() {
            limiter.counted[1].inc();
        }
        charged
    }

    /// Counts a request of any kind, refused ones too: a refusal costs something as well. Errors: `rate_limited`.
    pub fn count_request(&self, network: Network) -> Result<(), Error> {
        self.check(Action::Read, network)?;
        self.reserve(Action::Read, None)?.keep();
        Ok(())
    }

    /// Reserves a part of what a site (none: only the server) takes, for what is about to be done.
    /// Errors: `rate_limited` with the seconds to wait.
    pub fn reserve(&self, action: Action, site: Option<SiteId>) -> Result<Reservation<'_>, Error> {
        let limiter = &self.0[action as usize];
        limiter.reserve(site).map_err(|(by, seconds)| {
            limiter.counted[by].inc();
            Error::rate_limited(seconds)
        })
    }

    /// Adds to the metrics an attempt that [`super::sign_in_limits`] allowed or refused.
    pub(crate) fn note(&self, action: Action, is_refused: bool) {
        self.0[action as usize].counted[usize::from(is_refused)].inc();
    }

    /// Is nothing limited about this action?
    #[must_use]
    pub fn is_off(&self, action: Action) -> bool {
        let limiter = &self.0[action as usize];
        limiter.networks.is_none() && limiter.site.is_none() && limiter.global.is_none()
    }

    /// Adds how often each limit allowed and refused to what an operator is shown.
    pub fn register(&self, registry: &mut Registry) {
        let all = Family::<CheckLabels, Counter>::default();
        for (action, limiter) in Action::ALL.into_iter().zip(&self.0) {
            for (outcome, counted) in OUTCOMES.into_iter().zip(&limiter.counted) {
                let action = action.as_str();
                all.get_or_create(&CheckLabels { action, outcome })
                    .inc_by(counted.get());
            }
        }
        registry.register(
            "afterword_limit_checks",
            "Attempts that the limit for an address allowed, and refusals by the limit for an address, a site or all",
            all,
        );
    }

    /// Drops buckets that are full again, and their memory. To be called every minute.
    pub fn sweep(&self) {
        for limiter in &self.0 {
            let networks = limiter.networks.iter().flatten();
            for buckets in networks.chain(&limiter.site).chain(&limiter.global) {
                buckets.sweep();
            }
        }
    }
}

impl Limiter {
    fn check(&self, network: Network, count: NonZeroU32) -> Result<(), Error> {
        let Some(networks) = &self.networks else {
            return Ok(());
        };
        let of = |prefix: Prefix| &networks[prefix.width() as usize];
        for (n, prefix) in network.prefixes().enumerate() {
            if let Err(seconds) = of(prefix).take_many(prefix, count) {
                network
                    .prefixes()
                    .take(n)
                    .for_each(|taken| of(taken).give_back_many(taken, count));
                return Err(Error::rate_limited(seconds));
            }
        }
        Ok(())
    }

    /// Errors: which of [`OUTCOMES`] refused, and the seconds to wait.
    fn reserve(&self, site: Option<SiteId>) -> Result<Reservation<'_>, (usize, u64)> {
        if let (Some(buckets), Some(site)) = (&self.site, site) {
            buckets.take(site).map_err(|seconds| (2, seconds))?;
        }
        if let Some(buckets) = &self.global
            && let Err(seconds) = buckets.take(())
        {
            if let (Some(buckets), Some(site)) = (&self.site, site) {
                buckets.give_back(site);
            }
            return Err((3, seconds));
        }
        Ok(Reservation {
            limiter: self,
            site,
            kept: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{
        error::ErrorKind,
        token_buckets::{MAX_KEYS, SHARED_KEYS},
    };
    use std::net::Ipv4Addr;

    fn limits(words: &str) -> RateLimits {
        let mut config = Config::default();
        config.limits[Action::Post as usize] = RateLimit::parse(words).unwrap();
        RateLimits::new(&config)
    }

    fn client(n: usize) -> Network {
        Network::of(Ipv4Addr::from(u32::try_from(n).unwrap()).into())
    }

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn the_eleventh_in_a_minute_waits() {
        let limits = limits("address=10/1m");
        for _ in 0..10 {
            limits.check(Action::Post, client(1)).unwrap();
        }
        let error = limits.check(Action::Post, client(1)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::RateLimited);
        assert!((1..=7).contains(&error.retry_after.unwrap()), "{error:?}");
        limits.check(Action::Post, client(2)).unwrap();
        limits.check(Action::Read, client(1)).unwrap();
    }

    #[test]
    fn a_site_and_the_server_have_limits_of_their_own() {
        let by_site = limits("site=2/1h");
        for _ in 0..2 {
            by_site.reserve(Action::Post, Some(SiteId(7))).unwrap().keep();
        }
        assert!(by_site.reserve(Action::Post, Some(SiteId(7))).is_err());
        by_site.reserve(Action::Post, Some(SiteId(8))).unwrap().keep();
        let global = limits("global=1/1h");
        global.reserve(Action::Post, None).unwrap().keep();
        assert!(global.reserve(Action::Post, Some(SiteId(7))).is_err());
    }

    #[test]
    fn what_was_not_done_takes_nothing_from_a_site_or_the_server() {
        let limits = limits("site=2/1h global=3/1h");
        for _ in 0..100 {
            drop(limits.reserve(Action::Post, Some(SiteId(7))).unwrap());
        }
        for _ in 0..2 {
            limits.reserve(Action::Post, Some(SiteId(7))).unwrap().keep();
        }
        assert!(limits.reserve(Action::Post, Some(SiteId(7))).is_err());
        limits.reserve(Action::Post, Some(SiteId(8))).unwrap().keep();
        // Now the server refuses: that takes nothing from the site either.
        for _ in 0..10 {
            assert!(limits.reserve(Action::Post, Some(SiteId(9))).is_err());
        }
        assert_eq!(
            limits.0[Action::Post as usize]
                .site
                .as_ref()
                .unwrap()
                .take(SiteId(9)),
            Ok(())
        );
    }

    #[test]
    fn a_household_of_many_networks_has_the_allowance_of_a_few() {
        let good = |limits: &RateLimits, prefix: &str, step: usize| {
            (0..200)
                .filter(|n| {
                    let address = format!("{prefix}:{:x}::1", n * step);
                    limits.check(Action::Post, network(&address)).is_ok()
                })
                .count()
        };
        let limits = limits("address=3/1h");
        assert_eq!(good(&limits, "2001:db8:1", 1), 6, "a /56");
        assert_eq!(good(&limits, "2001:db8:1", 256), 6, "the rest of the /48");
        assert_eq!(good(&limits, "2001:db8:1", 1), 0);
        assert_eq!(good(&limits, "2001:db8:2", 256), 12, "the neighbour");
    }

    #[test]
    fn a_prefix_has_a_quarter_of_a_site_and_an_address_what_is_written() {
        let counts = |words: &str| {
            let limit = RateLimit::parse(words).unwrap();
            rates(limit, limit.address.unwrap()).map(|rate| rate.count)
        };
        assert_eq!(counts("address=10/1m site=300/1m"), [10, 20, 40]);
        assert_eq!(counts("address=10/1m site=100/1m"), [10, 20, 25]);
        assert_eq!(counts("address=10/1m site=20/1m"), [10, 10, 10]);
        assert_eq!(counts("address=10/1m"), [10, 20, 40]);
    }

    #[test]
    fn what_a_prefix_refuses_is_not_counted_for_the_network() {
        let limits = limits("address=2/1h");
        let spent = |n: u8| network(&format!("2001:db8:1:{n}00::1"));
        for n in 1..=4 {
            limits.check(Action::Post, spent(n)).unwrap();
            limits.check(Action::Post, spent(n)).unwrap();
        }
        let limiter = limits.0[Action::Post as usize].networks.as_ref().unwrap();
        for _ in 0..20 {
            assert!(limits.check(Action::Post, spent(9)).is_err());
        }
        let own = spent(9).prefixes().next().unwrap();
        assert_eq!(limiter[0].take(own), Ok(()));
    }

    #[test]
    fn what_costs_as_much_as_several_is_charged_as_several() {
        let limits = limits("address=10/1h");
        let (one, other) = (client(1), client(2));
        limits.check(Action::Post, one).unwrap();
        limits.charge(Action::Post, one, 0).unwrap();
        limits.charge(Action::Post, one, 8).unwrap();
        assert!(limits.charge(Action::Post, one, 2).is_err(), "one is left");
        limits.check(Action::Post, one).unwrap();
        assert!(limits.check(Action::Post, one).is_err());
        limits.charge(Action::Post, other, 1_000).unwrap();
        assert!(
            limits.check(Action::Post, other).is_err(),
            "more than all at once is all"
        );
    }

    #[test]
    fn off_is_off() {
        let limits = limits("off");
        assert!(limits.is_off(Action::Post) && !limits.is_off(Action::Login));
        for _ in 0..10_000 {
            limits.check(Action::Post, client(1)).unwrap();
            limits.reserve(Action::Post, Some(SiteId(1))).unwrap().keep();
        }
    }

    #[test]
    fn a_crowd_of_addresses_does_not_grow_the_table_for_ever() {
        let limits = limits("address=1000000/1s");
        for n in 0..(MAX_KEYS + 5_000) {
            let _ = limits.check(Action::Post, client(n));
        }
        let table = &limits.0[Action::Post as usize].networks.as_ref().unwrap()[0];
        assert!(table.len() <= MAX_KEYS + SHARED_KEYS as usize, "{}", table.len());
    }

    #[test]
    fn a_crowd_of_addresses_neither_locks_out_nor_forgives_who_was_there_before() {
        let (limits, calm, spent) = (limits("address=2/1h"), client(1), client(2));
        limits.check(Action::Post, calm).unwrap();
        for _ in 0..2 {
            limits.check(Action::Post, spent).unwrap();
        }
        let strangers = |from: usize| {
            (from..from + MAX_KEYS + 5_000)
                .filter(|n| limits.check(Action::Post, client(*n)).is_ok())
                .count()
        };
        assert!(strangers(10) >= MAX_KEYS - 2);
        // Beyond that, strangers have what the shared keys have.
        assert!(strangers(10 * MAX_KEYS) <= 2 * SHARED_KEYS as usize);
        limits.check(Action::Post, calm).unwrap();
        assert!(limits.check(Action::Post, spent).is_err());
    }
}
