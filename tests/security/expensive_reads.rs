//! Expensive reads within all limits: feeds, replies, pages and new spellings of a thread of long comments.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use super::{
    support::{
        http::send,
        server::{encoded, key},
    },
    target::{Target, readers},
};

const LONG: &str = "https://blog.example/posts/long";
const SECOND: Duration = Duration::from_secs(1);

/// A hundred and fifty comments of 10,000 characters, all of them links: the most expensive to render.
fn with_long_comments(target: &Target) -> i64 {
    let text: String = (0..330)
        .map(|n| format!("https://a.example/{n}/some/path "))
        .collect();
    let text = &text[..text.len().min(9_900)];
    let mut first = 0;
    for number in 0..151 {
        let body = json!({
            "page": LONG, "key": key(), "name": "Ann", "text": text,
            "parent": if number > 75 { json!(first) } else { json!(null) },
        });
        let answer = target.json("POST", "comments", body.to_string().as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.text());
        if number == 0 {
            first = answer.json()["comment"]["id"].as_i64().unwrap();
        }
    }
    first
}

/// The expensive read number `n`.
fn dear(n: usize, first: i64) -> String {
    match n % 5 {
        0 => "/feeds/blog.atom".to_owned(),
        1 => format!("/api/v1/sites/blog/comments/{first}/replies"),
        2 => format!("/thread/blog?page={}", encoded(LONG)),
        3 => format!(
            "/api/v1/sites/blog/thread?page={}&sort=newest&cursor=newest.0.{}",
            encoded(LONG),
            i64::MAX / 1_024 - n as i64
        ),
        _ => format!(
            "/api/v1/sites/blog/thread?page={}",
            encoded(&format!("{LONG}?utm_source={n}"))
        ),
    }
}

/// Eight connections of one address that send nothing else, while others read a short thread.
fn attack(target: &Target, first: i64) -> (super::target::Seen, usize, usize) {
    let (stop, counts) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]),
    );
    let address = target.address;
    let attackers: Vec<_> = (0..8)
        .map(|number| {
            let (stop, counts) = (Arc::clone(&stop), Arc::clone(&counts));
            std::thread::spawn(move || {
                for n in (number..).step_by(8) {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let answer = send(address, "GET", &dear(n / 8 + n, first), &[], b"");
                    assert!(matches!(answer.status, 200 | 429), "{}", answer.status);
                    counts[usize::from(answer.status == 429)].fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let seen = readers(address, 6 * SECOND);
    stop.store(true, Ordering::Relaxed);
    attackers.into_iter().for_each(|one| one.join().unwrap());
    let [good, refused] = [0, 1].map(|n| counts[n].load(Ordering::Relaxed));
    (seen, good, refused)
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn expensive_reads_do_not_delay_readers_of_a_cached_thread() {
    let mut target = Target::start(&[]);
    let first = with_long_comments(&target);
    target.post("A short thread.");
    let calm = readers(target.address, 2 * SECOND);
    let (under, good, refused) = attack(&target, first);
    println!(
        "dear reads: {good} answered, {refused} refused\nreaders calm: {calm:?}\nreaders then: {under:?}"
    );
    assert!(
        good > 20 && refused == 0,
        "no attack: {good} answered, {refused} refused"
    );
    assert_eq!(under.bad, 0, "{under:?}");
    assert!(under.median < Duration::from_millis(60), "{under:?}");
    assert!(target.is_well());
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn default_limits_bound_expensive_reads_of_one_address() {
    let target = Target::start(&[("LIMITS_READ", "address=1200/1m")]);
    let first = with_long_comments(&target);
    target.post("A short thread.");
    let before = target.spent();
    let (_, good, refused) = attack(&target, first);
    println!(
        "dear reads: {good} answered, {refused} refused, for {:?}",
        target.spent() - before
    );
    assert!(good < 250, "{good} dear reads in six seconds");
    assert!(refused > 0, "the limit was never reached");
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn control_without_a_limit_expensive_reads_use_all_capacity() {
    let target = Target::start(&[]);
    let first = with_long_comments(&target);
    target.post("A short thread.");
    let before = target.spent();
    let (_, good, refused) = attack(&target, first);
    let spent = target.spent() - before;
    println!("dear reads without a limit: {good} answered, for {spent:?}");
    assert_eq!(refused, 0);
    assert!(spent > 4 * SECOND, "{spent:?} of the processor: no attack");
}
