//! Thousands of slow clients at once, and the latency of ordinary readers.

use std::time::Duration;

use super::{
    slow::Attack,
    target::{Target, readers},
};

const SECOND: Duration = Duration::from_secs(1);

fn clients() -> usize {
    if std::env::var_os("AFTERWORD_LONG").is_some() {
        8_000
    } else {
        3_000
    }
}

/// A thread whose response exceeds every buffer.
fn with_a_long_thread(target: &Target) {
    for n in 0..60 {
        target.post(&format!("{n} {}", "loose leaf tea ".repeat(600)));
    }
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn thousands_of_slow_clients_do_not_delay_readers() {
    let mut target = Target::start(&[("TIMEOUT", "3")]);
    with_a_long_thread(&target);
    let calm = readers(target.address, 2 * SECOND);
    let before = target.memory();
    let attack = Attack::start(target.address, clients());
    attack.wait_for(clients() * 9 / 10);
    let under = readers(target.address, 8 * SECOND);
    let (open, cut, each) = (
        attack.open(),
        attack.cut(),
        target.memory().saturating_sub(before) / clients() as u64,
    );
    println!("slow clients: {open} at once, {cut} cut off meanwhile, {each} bytes of memory each");
    println!("readers calm: {calm:?}\nreaders then: {under:?}");
    println!("medians: {:?}, then {:?}", calm.median, under.median);
    assert!(
        open >= clients() * 8 / 10,
        "only {open} were connected: no attack"
    );
    assert!(cut > clients() / 4, "only {cut} were cut off");
    assert_eq!(under.bad, 0, "{under:?}");
    assert!(under.answers > 100, "{under:?}");
    assert!(under.p99 < SECOND, "{under:?}");
    assert!(each < 100 * 1024, "{each} bytes for each slow client");
    drop(attack);
    assert!(target.is_well());
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn control_slow_clients_on_all_connections_delay_readers() {
    let target = Target::start(&[("TIMEOUT", "3"), ("MAX_CONNECTIONS", "12")]);
    with_a_long_thread(&target);
    let attack = Attack::start(target.address, 1_500);
    std::thread::sleep(2 * SECOND);
    let under = readers(target.address, 4 * SECOND);
    println!("control, 12 places only, too few for shares: {under:?}");
    assert!(under.p99 > SECOND, "the meter sees no difference: {under:?}");
    drop(attack);
}

/// The usual soft limit of open files is far below the configured connections. A flood must hit the connection limit
/// before the file limit: without a file descriptor the database fails, too.
#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn a_flood_does_not_use_up_file_descriptors() {
    for (shell, what) in [
        ("ulimit -Sn 256;", "a soft limit is raised"),
        (
            "ulimit -n 512;",
            "at a hard limit readers wait, and the database works",
        ),
    ] {
        let mut target = Target::under(shell, &[("TIMEOUT", "2")]);
        target.post("Before the flood.");
        let attack = Attack::start(target.address, 800);
        std::thread::sleep(2 * SECOND);
        let under = readers(target.address, 5 * SECOND);
        println!("{what}: {} open, {under:?}", attack.open());
        assert!(under.answers > 10, "{what}: {under:?}");
        if shell.contains("-Sn") {
            assert_eq!(under.bad, 0, "{what}: {under:?}");
            assert!(under.p99 < SECOND, "{what}: {under:?}");
        }
        drop(attack);
        target.post("After the flood.");
        assert!(target.is_well(), "{what}");
    }
}

#[test]
fn bodies_are_bounded_in_every_framing() {
    use super::support::{
        http::{parse, raw},
        server::TestServer,
    };
    let server = TestServer::configured(|config| config.timeout = 2);
    let head = "POST /api/v1/sites/blog/preview HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\n";
    let chunked = |chunks: &str| format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    let json = |length: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(length));
    let split = |whole: &str, size: usize| {
        let chunks = whole.as_bytes().chunks(size);
        let chunks =
            chunks.map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
        format!("{}0\r\n\r\n", chunks.collect::<String>())
    };
    let cases = [
        (
            "control: a small body in one piece",
            format!("{head}Connection: close\r\nContent-Length: 14\r\n\r\n{{\"text\": \"tea\"}}")
                .replace("Length: 14", "Length: 15"),
            200,
        ),
        (
            "control: a small body in chunks",
            chunked(&split(&json(9), 3)),
            200,
        ),
        (
            "control: a long body in single bytes",
            chunked(&split(&json(9_000), 1)),
            200,
        ),
        (
            "too long, announced",
            format!("{head}Content-Length: 999999999999\r\n\r\n"),
            413,
        ),
        (
            "too long, in one chunk",
            chunked(&split(&json(1_100_000), 1_200_000)),
            413,
        ),
        (
            "too long, in small chunks",
            chunked(&split(&json(1_048_600), 16)),
            413,
        ),
        (
            "a chunk that claims to be enormous",
            chunked("7fffffffffffffff\r\n{"),
            408,
        ),
        (
            "a chunk whose size is no number",
            chunked("zz\r\n{\r\n0\r\n\r\n"),
            400,
        ),
        (
            "a chunk whose size overflows",
            chunked("fffffffffffffffff\r\n{"),
            400,
        ),
        (
            "an endless chunk extension",
            chunked(&format!("1;{}\r\n{{\r\n0\r\n\r\n", "a=b;".repeat(50_000))),
            400,
        ),
        ("chunks that end in the middle", chunked("5\r\n{\"te"), 408),
    ];
    for (what, bytes, status) in cases {
        let answer = raw(server.address, bytes.as_bytes());
        let got = parse(&answer).map(|answer| answer.status);
        assert_eq!(
            got,
            Some(status),
            "{what}: {:?}",
            String::from_utf8_lossy(&answer)
        );
    }
    // Trailers are not headers.
    let trailers = chunked(&format!(
        "{:x}\r\n{}\r\n0\r\nOrigin: https://evil.example\r\nX-A: {}\r\n\r\n",
        15,
        "{\"text\": \"tea\"}",
        "b".repeat(4_000)
    ));
    assert_eq!(
        parse(&raw(server.address, trailers.as_bytes())).map(|answer| answer.status),
        Some(200)
    );
}
