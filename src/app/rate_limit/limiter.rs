//! The limits of one action, and reservations of them.

use std::num::NonZeroU32;

use prometheus_client::metrics::counter::Counter;

use super::token_buckets::TokenBuckets;
use crate::{
    app::fair_share::allowances,
    config::{Rate, RateLimit},
    model::{
        id::SiteId,
        network::{Network, Prefix, PrefixWidth},
    },
};

/// The outcome of a check: allowed, or refused by one of the three limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Allowed by the limit per client network.
    Allowed,
    /// Refused by the limit per client network.
    Address,
    /// Refused by the limit per site.
    Site,
    /// Refused by the limit of the server.
    Global,
}

impl Outcome {
    pub(super) const ALL: [Self; 4] = [Self::Allowed, Self::Address, Self::Site, Self::Global];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Address => "address",
            Self::Site => "site",
            Self::Global => "global",
        }
    }
}

/// A /56 or /48 has at most this fraction of a site's limit, as a divisor, and at least the limit of one address.
const SITE_SHARE_DIVISOR: u32 = 4;

/// The limits of one action; none: not limited.
pub(super) struct Limiter {
    pub(super) networks: Option<[TokenBuckets; PrefixWidth::ALL.len()]>,
    pub(super) site: Option<TokenBuckets>,
    global: Option<TokenBuckets>,
    counted: [Counter; Outcome::ALL.len()],
}

/// The rates of a network and of the prefixes around it, for the rate of one address.
pub(super) fn rates(limit: RateLimit, address: Rate) -> [Rate; PrefixWidth::ALL.len()] {
    PrefixWidth::ALL.map(|width| {
        let count = address.count.saturating_mul(allowances(width));
        let share = |site: Rate| (site.count / SITE_SHARE_DIVISOR).max(address.count);
        // Rates are comparable by their counts only when their periods are equal.
        let max = limit
            .site
            .filter(|site| site.per == address.per)
            .map_or(u32::MAX, share);
        Rate {
            count: count.min(max),
            ..address
        }
    })
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self {
            networks: limit
                .address
                .map(|rate| rates(limit, rate).map(TokenBuckets::new)),
            site: limit.site.map(TokenBuckets::new),
            global: limit.global.map(TokenBuckets::new),
            counted: Default::default(),
        }
    }

    /// Takes `count` from the buckets of a network and the prefixes around it.
    ///
    /// # Errors
    /// The seconds to wait. Nothing is taken then.
    pub(super) fn check(&self, network: Network, count: NonZeroU32) -> Result<(), u64> {
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
                return Err(seconds);
            }
        }
        Ok(())
    }

    /// Takes one from the buckets of a site and the server.
    ///
    /// # Errors
    /// The limit that refused, and the seconds to wait. Nothing is taken then.
    pub(super) fn reserve(&self, site: Option<SiteId>) -> Result<Reservation<'_>, (Outcome, u64)> {
        if let (Some(buckets), Some(site)) = (&self.site, site) {
            buckets.take(site).map_err(|seconds| (Outcome::Site, seconds))?;
        }
        if let Some(buckets) = &self.global
            && let Err(seconds) = buckets.take(())
        {
            if let (Some(buckets), Some(site)) = (&self.site, site) {
                buckets.give_back(site);
            }
            return Err((Outcome::Global, seconds));
        }
        Ok(Reservation {
            limiter: self,
            site,
            kept: false,
        })
    }

    pub(super) fn is_off(&self) -> bool {
        self.networks.is_none() && self.site.is_none() && self.global.is_none()
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.counted[outcome as usize].inc();
    }

    pub(super) fn counted(&self, outcome: Outcome) -> u64 {
        self.counted[outcome as usize].get()
    }

    pub(super) fn sweep(&self) {
        let networks = self.networks.iter().flatten();
        for buckets in networks.chain(&self.site).chain(&self.global) {
            buckets.sweep();
        }
    }
}

/// One of the limits of a site and the server. It is given back when it is dropped, unless it is kept.
#[must_use = "a dropped reservation is given back; keep() it when the action is done"]
pub struct Reservation<'a> {
    limiter: &'a Limiter,
    site: Option<SiteId>,
    kept: bool,
}

impl Reservation<'_> {
    /// Counts the action as done.
    pub fn keep(mut self) {
        self.kept = true;
    }

    /// Counts the action as done if `done`.
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
