//! Token-bucket rate limits by action: per client network, per site and for the whole server.
//!
//! An attempt counts for the network that makes it, and for the IPv6 prefixes around it ([`crate::app::fair_share`]),
//! whatever its result. For the site and the server only what is done counts ([`RateLimits::reserve`]), so that refused
//! requests take nothing from other clients.

mod limiter;
mod token_buckets;

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::error::Error;
use crate::{
    config::{Action, Config},
    model::{id::SiteId, network::Network},
};
use limiter::{Limiter, Outcome};

pub use limiter::Reservation;

/// The limits of all actions.
pub struct RateLimits([Limiter; Action::ALL.len()]);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    action: &'static str,
    outcome: &'static str,
}

impl RateLimits {
    /// The limits of the configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self(Action::ALL.map(|action| Limiter::new(config.limit(action))))
    }

    /// Counts an attempt of a client.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait. The attempt is not counted then.
    pub fn check(&self, action: Action, network: Network) -> Result<(), Error> {
        let limiter = self.of(action);
        let result = limiter.check(network, NonZeroU32::MIN);
        limiter.count(if result.is_ok() {
            Outcome::Allowed
        } else {
            Outcome::Address
        });
        result.map_err(Error::rate_limited)
    }

    /// Counts `further` more attempts of a client, for a counted attempt that costs as much as several. A number above
    /// the burst of the limit counts as the burst.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait. Nothing more is counted then.
    pub fn charge(&self, action: Action, network: Network, further: u32) -> Result<(), Error> {
        let Some(further) = NonZeroU32::new(further) else {
            return Ok(());
        };
        let limiter = self.of(action);
        limiter.check(network, further).map_err(|seconds| {
            limiter.count(Outcome::Address);
            Error::rate_limited(seconds)
        })
    }

    /// Counts a request of any kind as a read. Refused requests are counted too, because a refusal has a cost.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn count_request(&self, network: Network) -> Result<(), Error> {
        self.check(Action::Read, network)?;
        self.reserve(Action::Read, None)?.keep();
        Ok(())
    }

    /// Reserves one of the limits of a site and the server for an action that is about to be done. Without a site, of
    /// the server only.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn reserve(&self, action: Action, site: Option<SiteId>) -> Result<Reservation<'_>, Error> {
        let limiter = self.of(action);
        limiter.reserve(site).map_err(|(outcome, seconds)| {
            limiter.count(outcome);
            Error::rate_limited(seconds)
        })
    }

    /// Adds to the metrics an attempt that [`super::sign_in_limits`] allowed or refused.
    pub(crate) fn note(&self, action: Action, is_refused: bool) {
        self.of(action).count(if is_refused {
            Outcome::Address
        } else {
            Outcome::Allowed
        });
    }

    /// True if the action has no limit.
    #[must_use]
    pub fn is_off(&self, action: Action) -> bool {
        self.of(action).is_off()
    }

    /// Registers the metrics: how often each limit allowed and refused.
    pub fn register(&self, registry: &mut Registry) {
        let all = Family::<CheckLabels, Counter>::default();
        for (action, limiter) in Action::ALL.into_iter().zip(&self.0) {
            for outcome in Outcome::ALL {
                let labels = CheckLabels {
                    action: action.as_str(),
                    outcome: outcome.as_str(),
                };
                all.get_or_create(&labels).inc_by(limiter.counted(outcome));
            }
        }
        registry.register(
            "afterword_limit_checks",
            "Attempts that the limit for an address allowed, and refusals by the limit for an address, a site or all",
            all,
        );
    }

    /// Drops full buckets, and frees their memory. Call it every minute.
    pub fn sweep(&self) {
        self.0.iter().for_each(Limiter::sweep);
    }

    fn of(&self, action: Action) -> &Limiter {
        &self.0[action as usize]
    }
}
