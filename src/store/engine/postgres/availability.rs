//! Whether a PostgreSQL server can be reached, and how long finding out may take.
//!
//! A server that is gone without a word is noticed within [`SILENCE_TIMEOUT`]. With several hosts in the URL only one
//! that takes writes is used, so that the workers follow a standby that was promoted.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use tokio_postgres::{Config, config::TargetSessionAttrs};

use super::tx::Fault;

/// How long a server may be silent, sending no sign of life on the wire, before it is given up.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(4);
/// How long connecting to one host may take.
const HOST_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How many of the workers have a connection.
pub(super) struct Availability {
    workers: usize,
    connected: AtomicUsize,
    lost: AtomicBool,
    told: AtomicBool,
}

impl Availability {
    /// Nobody has looked yet.
    pub(super) fn of(workers: usize) -> Self {
        Self {
            workers,
            connected: AtomicUsize::new(0),
            lost: AtomicBool::new(false),
            told: AtomicBool::new(false),
        }
    }

    /// A worker has a connection.
    pub(super) fn found(&self) {
        self.connected.fetch_add(1, Ordering::AcqRel);
        self.lost.store(false, Ordering::Release);
        if self.told.swap(false, Ordering::AcqRel) {
            tracing::info!("PostgreSQL is reached again");
        }
    }

    /// A worker has lost its connection.
    pub(super) fn dropped(&self) {
        if self.connected.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.lost.store(true, Ordering::Release);
        }
    }

    /// Nobody has a connection any more.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Some worker has no connection: another try to connect now would only make somebody wait.
    pub(super) fn is_doubtful(&self) -> bool {
        self.connected.load(Ordering::Acquire) < self.workers
    }

    /// Notes a failed try; true when nobody has a connection.
    pub(super) fn missed(&self, error: &Fault) -> bool {
        let nobody = self.connected.load(Ordering::Acquire) == 0;
        if nobody {
            self.lost.store(true, Ordering::Release);
        }
        if nobody && !self.told.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "PostgreSQL cannot be reached; trying again");
        }
        nobody
    }
}

/// Sets how long things may take, where the URL does not.
pub(super) fn set_timeouts(config: &mut Config, url: &str) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(HOST_CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE_TIMEOUT);
    }
    if !url.contains("keepalives") {
        config
            .keepalives_idle(SILENCE_TIMEOUT / 2)
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(2);
    }
    if config.get_hosts().len() > 1 && !url.contains("target_session_attrs") {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded_config(url: &str) -> Config {
        let mut config = url.parse().unwrap();
        set_timeouts(&mut config, url);
        config
    }

    #[test]
    fn of_several_hosts_the_one_that_takes_writes_is_used() {
        let attrs = |url: &str| bounded_config(url).get_target_session_attrs();
        assert_eq!(attrs("postgres://a@one,two/x"), TargetSessionAttrs::ReadWrite);
        assert_eq!(attrs("postgres://a@one/x"), TargetSessionAttrs::Any);
        let chosen = attrs("postgres://a@one,two/x?target_session_attrs=any");
        assert_eq!(chosen, TargetSessionAttrs::Any, "the URL wins");
    }

    #[test]
    fn silence_has_an_end() {
        let config = bounded_config("postgres://a@one/x");
        assert_eq!(config.get_tcp_user_timeout(), Some(&SILENCE_TIMEOUT));
        assert_eq!(config.get_connect_timeout(), Some(&HOST_CONNECT_TIMEOUT));
        let own = bounded_config("postgres://a@one/x?connect_timeout=9");
        assert_eq!(own.get_connect_timeout(), Some(&Duration::from_secs(9)));
    }

    #[test]
    fn one_without_a_connection_makes_it_doubtful() {
        let reach = Availability::of(2);
        reach.found();
        assert!(reach.is_doubtful());
        reach.found();
        assert!(!reach.is_doubtful() && !reach.is_lost());
        reach.dropped();
        assert!(reach.is_doubtful() && !reach.is_lost());
        reach.dropped();
        assert!(reach.is_lost());
        reach.found();
        assert!(!reach.is_lost(), "one is enough");
    }
}
