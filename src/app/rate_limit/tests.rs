//! Tests of the rate limits: shares of prefixes, sites and the server, and bounded tables.

use std::net::Ipv4Addr;

use super::{
    limiter::rates,
    token_buckets::{MAX_KEYS, SHARED_KEYS},
    *,
};
use crate::{app::error::ErrorKind, config::RateLimit};

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
