//! Two hundred thousand networks: limits still work, and memory is bounded.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::{
    support::http::send,
    target::{Target, thread},
};

const CROWD: usize = 200_000;
const LINES: usize = 4;
const BATCH: usize = 100;

/// The address of a network of the crowd; no two share a /48.
fn network(number: usize) -> String {
    format!("2001:{:x}:{:x}:1::1", 0xdb8 + (number >> 16), number & 0xffff)
}

fn status(target: &Target, from: &str) -> u16 {
    send(
        target.address,
        "GET",
        &thread(),
        &[("X-Forwarded-For", from)],
        b"",
    )
    .status
}

/// One request from each network, through a proxy, on a few connections. Returns the number of 200s.
fn crowd(target: &Target, first: usize) -> usize {
    let address = target.address;
    let line = move |number: usize| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (mut good, mut kept, mut part) = (0, Vec::new(), vec![0; 64 * 1024]);
        let mine: Vec<usize> = (first..first + CROWD).skip(number).step_by(LINES).collect();
        for batch in mine.chunks(BATCH) {
            let requests: String = batch
                .iter()
                .map(|n| {
                    format!(
                        "HEAD {} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {}\r\n\r\n",
                        thread(),
                        network(*n)
                    )
                })
                .collect();
            stream.write_all(requests.as_bytes()).unwrap();
            let mut answers = 0;
            while answers < batch.len() {
                let got = stream.read(&mut part).unwrap();
                assert!(got > 0, "the server hung up on its proxy");
                kept.extend_from_slice(&part[..got]);
                while let Some(end) = kept.windows(4).position(|window| window == b"\r\n\r\n") {
                    let head = String::from_utf8_lossy(&kept[..end]).into_owned();
                    assert!(
                        head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 429"),
                        "{head}"
                    );
                    good += usize::from(head.starts_with("HTTP/1.1 200"));
                    answers += 1;
                    kept.drain(..end + 4);
                }
            }
        }
        good
    };
    let lines: Vec<_> = (0..LINES)
        .map(|number| std::thread::spawn(move || line(number)))
        .collect();
    lines.into_iter().map(|line| line.join().unwrap()).sum()
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn two_hundred_thousand_networks_are_limited_in_bounded_memory() {
    let limit = ("LIMITS_READ", "address=5/1d");
    let mut target = Target::start(&[("TRUSTED_PROXIES", "127.0.0.1"), limit]);
    target.post("Hello.");
    let five: Vec<u16> = (0..6).map(|_| status(&target, "198.51.100.1")).collect();
    assert_eq!(five, [200, 200, 200, 200, 200, 429], "the limit works at all");
    assert_eq!(status(&target, "198.51.100.2"), 200);
    let before = target.memory();
    let good = crowd(&target, 0);
    let first = target.memory().saturating_sub(before);
    let more = crowd(&target, CROWD);
    let second = target.memory().saturating_sub(before + first);
    println!(
        "{CROWD} networks: {good} answered, {first} bytes of memory; {CROWD} more: {more} answered, {second} bytes"
    );
    assert!(good >= 99_000, "only {good}: the crowd was taken for one");
    assert!(
        good < 110_000 && more < 2_000,
        "strangers without a key are not limited: {good}, {more}"
    );
    assert!(first > 500_000, "the meter sees no growth: {first}");
    assert!(first < 64 << 20, "{first} bytes");
    assert!(second < 4 << 20, "it goes on growing: {second} bytes");
    // Clients that were counted before keep exactly their remaining allowance.
    assert_eq!(status(&target, "198.51.100.1"), 429);
    let rest: Vec<u16> = (0..5).map(|_| status(&target, "198.51.100.2")).collect();
    assert_eq!(rest, [200, 200, 200, 200, 429]);
    assert!(target.is_well());

    // The control: a server that trusts no proxy counts them all as one.
    let target = Target::start(&[limit]);
    target.post("Hello.");
    // Five, including the post.
    assert_eq!(crowd(&target, 0), 4);
}
