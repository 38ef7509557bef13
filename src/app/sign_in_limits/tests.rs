//! Tests of the sign-in limits: guesses are bounded, and owners are not locked out.

use super::*;
use crate::config::Action;

const NOON: Millis = Millis(1_790_000_000_000);
const OWN: &str = "192.0.2.1";

fn network(address: &str) -> Network {
    Network::of(address.parse().unwrap())
}

fn unknown(address: &str) -> SignInSource<'static> {
    SignInSource::Unknown(network(address))
}

fn limits() -> SignInLimits {
    SignInLimits::new(Action::Login.default_limit())
}

/// Tries one wrong password a second from one network. Returns the number of attempts that were allowed.
fn guess(limits: &SignInLimits, address: &str, from: Millis, seconds: i64) -> usize {
    (0..seconds)
        .filter(|second| {
            let now = from.plus(second * SECOND);
            limits.begin(now, "ann", unknown(address)).is_ok()
        })
        .count()
}

#[test]
fn the_delay_grows_to_a_quarter_of_an_hour_and_what_is_refused_prolongs_nothing() {
    let limits = limits();
    let mut now = NOON;
    let mut waits = Vec::new();
    while waits.len() < 12 {
        match limits.begin(now, "ann", unknown(OWN)) {
            Ok(_) => (),
            Err(seconds) => {
                for _ in 0..50 {
                    assert_eq!(limits.begin(now, "ann", unknown(OWN)).unwrap_err(), seconds);
                }
                waits.push(seconds);
                now = now.plus(i64::try_from(seconds).unwrap() * SECOND);
            }
        }
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]);
}

#[test]
fn a_right_password_ends_the_series_and_a_day_without_failure_does() {
    let limits = limits();
    for _ in 0..4 {
        let _ = limits.begin(NOON, "ann", unknown(OWN)).unwrap();
    }
    let right = limits.begin(NOON, "ann", unknown(OWN)).unwrap();
    limits.succeeded(&right);
    assert_eq!(guess(&limits, OWN, NOON, 1), 1);
    guess(&limits, OWN, NOON, 4_000);
    assert!(
        limits
            .begin(NOON.plus(4_000 * SECOND), "ann", unknown(OWN))
            .is_err()
    );
    assert_eq!(guess(&limits, OWN, NOON.plus(4_000 * SECOND + DAY), 5), 5);
}

#[test]
fn a_known_device_and_another_network_are_untouched_and_names_do_not_matter() {
    let limits = limits();
    guess(&limits, OWN, NOON, 4_000);
    let now = NOON.plus(4_000 * SECOND);
    assert!(limits.begin(now, "ann", unknown(OWN)).is_err(), "control");
    assert!(limits.begin(now, "ann", SignInSource::Known("desk")).is_ok());
    assert!(limits.begin(now, "ann", unknown("198.51.100.7")).is_ok());
    assert!(limits.begin(now, "bea", unknown(OWN)).is_ok());
    // A device that guesses delays only itself.
    for _ in 0..4 {
        let _ = limits.begin(now, "ann", SignInSource::Known("desk")).unwrap();
    }
    assert_eq!(
        limits.begin(now, "ann", SignInSource::Known("desk")).unwrap_err(),
        5
    );
    assert!(limits.begin(now, "ann", SignInSource::Known("phone")).is_ok());
    assert!(limits.begin(now, "bea", SignInSource::Known("desk")).is_ok());
}

#[test]
fn guesses_of_one_network_and_of_all_are_bounded_by_day() {
    let limits = limits();
    let one = guess(&limits, OWN, NOON, 86_400);
    assert!((90..=120).contains(&one), "{one} in a day");
    // A /48 of 65,536 networks is about one household.
    let limits = self::limits();
    let of_48 = (0..86_400)
        .filter(|second| {
            let address = format!("2001:db8:48:{:x}::1", second % 65_536);
            limits
                .begin(NOON.plus(second * SECOND), "ann", unknown(&address))
                .is_ok()
        })
        .count();
    assert!((90..=140).contains(&of_48), "{of_48} in a day");
    // Many networks.
    let limits = self::limits();
    let of_all = (0..20_000_u32)
        .filter(|n| {
            let address = format!("2001:{:x}:{:x}::1", 0xd00 + n / 5_000, n % 5_000);
            limits.begin(NOON, "ann", unknown(&address)).is_ok()
        })
        .count();
    assert_eq!(of_all, MAX_FAILURES_PER_DAY as usize);
    assert!(limits.begin(NOON, "ann", SignInSource::Known("desk")).is_ok());
    assert!(limits.begin(NOON, "bea", unknown("2001:d00:1::1")).is_ok());
    assert_eq!(guess(&limits, OWN, NOON.plus(DAY), 1), 1, "the next day");
}

#[test]
fn a_few_dozen_networks_that_try_all_day_leave_a_new_one_its_attempts() {
    let limits = limits();
    for minute in 0..(24 * 60 - 1) {
        for n in 0..60 {
            let from = format!("203.0.113.{n}");
            let _ = limits.begin(NOON.plus(minute * 60 * SECOND), "ann", unknown(&from));
        }
    }
    let now = NOON.plus(DAY - 60 * SECOND);
    assert!(
        limits.begin(now, "ann", unknown("203.0.113.7")).is_err(),
        "control: the common half is used up"
    );
    for _ in 0..5 {
        assert!(limits.begin(now, "ann", unknown(OWN)).is_ok());
    }
}

#[test]
fn many_accounts_from_one_network_are_bounded_too() {
    let limits = limits();
    let good = (0..100)
        .filter(|n| limits.begin(NOON, &format!("name {n}"), unknown(OWN)).is_ok())
        .count();
    assert_eq!(good, 10);
    assert_eq!(limits.begin(NOON, "ann", unknown(OWN)).unwrap_err(), 6);
    assert!(limits.begin(NOON.plus(6 * SECOND), "ann", unknown(OWN)).is_ok());
    // Attempts that the account's delay refuses take nothing from the network.
    let limits = self::limits();
    for _ in 0..1_000 {
        let _ = limits.begin(NOON, "ann", unknown(OWN));
    }
    assert!(limits.begin(NOON, "bea", unknown(OWN)).is_ok());
}

#[test]
fn what_was_not_made_counts_nowhere() {
    let limits = limits();
    for _ in 0..100 {
        let attempt = limits.begin(NOON, "ann", unknown(OWN)).unwrap();
        limits.cancel(&attempt);
    }
    assert_eq!(guess(&limits, OWN, NOON, 5), 5);
}

#[test]
fn a_clock_that_goes_back_prolongs_nothing() {
    let limits = limits();
    guess(&limits, OWN, NOON, 4_000);
    let before = NOON.plus(-30 * DAY);
    assert!(limits.begin(before, "ann", unknown(OWN)).unwrap_err() <= 900);
    let later = before.plus(MAX_DELAY);
    assert!(limits.begin(later, "ann", unknown(OWN)).is_ok());
    // At worst the network's bucket counts as empty.
    let before = before.plus(-30 * DAY);
    assert!(limits.begin(before, "bea", unknown(OWN)).unwrap_err() <= 6);
    let after = before.plus(6 * SECOND);
    assert!(limits.begin(after, "bea", unknown(OWN)).is_ok());
}

#[test]
fn a_crowd_of_names_neither_grows_the_tables_nor_delays_others_nor_forgives_who_guesses() {
    let limits = limits();
    guess(&limits, OWN, NOON, 4_000);
    let now = NOON.plus(4_000 * SECOND);
    for n in 0..150_000_u32 {
        let from = SignInSource::Unknown(Network::of(std::net::Ipv4Addr::from(0x0a00_0000 + n).into()));
        let _ = limits.begin(now, &format!("name {n}"), from);
    }
    let counts = limits.lock();
    assert!(counts.failures.len() <= MAX_KEYS && counts.full_at.len() <= MAX_KEYS);
    drop(counts);
    assert!(limits.begin(now, "bea", unknown("198.51.100.7")).is_ok());
    assert!(limits.begin(now, "ann", unknown("198.51.100.7")).is_ok());
    assert!(limits.begin(now, "ann", unknown(OWN)).is_err());
    limits.sweep(now.plus(DAY));
    assert!(limits.lock().failures.is_empty());
}

#[test]
fn off_is_off() {
    let limits = SignInLimits::new(RateLimit::default());
    assert_eq!(guess(&limits, OWN, NOON, 1_000), 1_000);
}

#[tokio::test]
async fn a_flood_of_strangers_leaves_who_is_known_a_slot() {
    let hashing = PasswordHashSlots::default();
    let held = hashing.acquire(network(OWN)).await.unwrap();
    let known = timeout(Duration::from_millis(100), hashing.acquire_for_known_device()).await;
    assert!(known.unwrap().is_ok());
    let other = timeout(Duration::from_millis(100), hashing.acquire(network("192.0.2.2")));
    assert!(other.await.is_err(), "control: a stranger waits");
    drop(held);
    assert!(hashing.acquire(network("192.0.2.2")).await.is_ok());
}
