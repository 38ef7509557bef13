//! Tracks whether a PostgreSQL server can be reached, and sets the timeouts that bound the wait for it.
//!
//! A server that vanishes without closing its connections is noticed within [`SILENCE_TIMEOUT`]. If the URL has several
//! hosts, only one that takes writes is used, so that the workers follow a promoted standby.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use tokio_postgres::{Config, config::TargetSessionAttrs};

use super::tx::Fault;

/// Time without any packet from a server after which its connection is closed.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(4);
/// Timeout for a connection to one host.
const HOST_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Counts the workers that are connected.
pub(super) struct Availability {
    workers: usize,
    connected: AtomicUsize,
    lost: AtomicBool,
    is_reported: AtomicBool,
}

impl Availability {
    /// For this number of workers, none of which has tried to connect.
    pub(super) fn of(workers: usize) -> Self {
        Self {
            workers,
            connected: AtomicUsize::new(0),
            lost: AtomicBool::new(false),
            is_reported: AtomicBool::new(false),
        }
    }

    /// Records that a worker has connected.
    pub(super) fn record_connect(&self) {
        self.connected.fetch_add(1, Ordering::AcqRel);
        self.lost.store(false, Ordering::Release);
        if self.is_reported.swap(false, Ordering::AcqRel) {
            tracing::info!("PostgreSQL is reached again");
        }
    }

    /// Records that a worker has lost its connection.
    pub(super) fn record_loss(&self) {
        if self.connected.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.lost.store(true, Ordering::Release);
        }
    }

    /// Returns true if no worker is connected, and one was or tried to be.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Returns true if a worker is not connected. A unit then does not wait for another attempt to connect.
    pub(super) fn is_doubtful(&self) -> bool {
        self.connected.load(Ordering::Acquire) < self.workers
    }

    /// Records a failed attempt to connect, and returns true if no worker is connected.
    pub(super) fn record_failure(&self, error: &Fault) -> bool {
        let nobody = self.connected.load(Ordering::Acquire) == 0;
        if nobody {
            self.lost.store(true, Ordering::Release);
        }
        if nobody && !self.is_reported.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "PostgreSQL cannot be reached; trying again");
        }
        nobody
    }
}

/// Sets the timeouts that the URL does not set.
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
        let availability = Availability::of(2);
        availability.record_connect();
        assert!(availability.is_doubtful());
        availability.record_connect();
        assert!(!availability.is_doubtful() && !availability.is_lost());
        availability.record_loss();
        assert!(availability.is_doubtful() && !availability.is_lost());
        availability.record_loss();
        assert!(availability.is_lost());
        availability.record_connect();
        assert!(!availability.is_lost(), "one is enough");
    }
}
