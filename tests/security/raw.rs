//! Bytes that are almost HTTP: malformed, ambiguous, and with two possible readings.
//!
//! A proxy in front of the server may split requests differently. So responses are counted: a second one, where a
//! correct reader sees one request, is a smuggled request.

use super::support::{
    http::raw,
    server::{PAGE, TestServer, key},
};

/// The statuses of all responses in a stream, without interim ones, and whether the stream has only responses.
fn answers(stream: &[u8]) -> Option<Vec<u16>> {
    let (mut statuses, mut rest) = (Vec::new(), stream);
    while !rest.is_empty() {
        let end = rest.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8(rest[..end].to_vec()).ok()?.to_ascii_lowercase();
        rest = &rest[end..];
        let status: u16 = head
            .strip_prefix("http/1.1 ")
            .or(head.strip_prefix("http/1.0 "))?
            .get(..3)?
            .parse()
            .ok()?;
        if status < 200 {
            continue;
        }
        statuses.push(status);
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if let Some(length) = length {
            rest = rest.get(length.trim().parse::<usize>().ok()?..)?;
        } else if head.contains("transfer-encoding: chunked") {
            rest = &rest[rest.windows(5).position(|window| window == b"0\r\n\r\n")? + 5..];
        }
    }
    Some(statuses)
}

/// A valid JSON post without its length.
fn post(more: &str, body: &str) -> String {
    format!(
        "POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\n{more}\r\n{body}"
    )
}

fn comment() -> String {
    serde_json::json!({"page": PAGE, "key": key(), "name": "Ann", "text": "A comment."}).to_string()
}

const NEXT: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// The name, the bytes, and the allowed statuses: one set for each response. With 0 in a set, the server may also close
/// without a response.
type Case = (&'static str, Vec<u8>, Vec<&'static [u16]>);

#[test]
fn control_valid_streams_are_counted_right() {
    let server = TestServer::configured(|config| config.timeout = 2);
    let body = comment();
    let cases: Vec<Case> = vec![
        ("one request", NEXT.into(), vec![&[200]]),
        (
            "three at once",
            [NEXT.replace("close", "keep-alive").repeat(2), NEXT.into()]
                .concat()
                .into(),
            vec![&[200], &[200], &[200]],
        ),
        (
            "a post and the next",
            [
                post(&format!("Content-Length: {}\r\n", body.len()), &body),
                NEXT.into(),
            ]
            .concat()
            .into(),
            vec![&[201], &[200]],
        ),
        (
            "a hundred at once",
            [NEXT.replace("close", "keep-alive").repeat(99), NEXT.into()]
                .concat()
                .into(),
            vec![&[200]; 100],
        ),
        (
            "a body nobody asked for, and the next",
            format!("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde{NEXT}").into(),
            vec![&[200], &[200]],
        ),
        ("an empty line before", format!("\r\n{NEXT}").into(), vec![&[200]]),
    ];
    check(&server, cases);
}

#[test]
fn no_request_is_smuggled() {
    let server = TestServer::configured(|config| config.timeout = 2);
    let (body, length) = (comment(), |body: &str| {
        format!("Content-Length: {}\r\n", body.len())
    });
    let end = "0\r\n\r\n";
    let te = "Transfer-Encoding: chunked\r\n";
    let chunked = format!("{:x}\r\n{body}\r\n{end}", body.len());
    let hidden = |lines: &str, body: &str| post(lines, &format!("{body}{NEXT}")).into_bytes();
    let both = |first: &str, second: &str| hidden(&format!("{first}{second}"), end);
    const REFUSED: &[u16] = &[400];
    let cases: Vec<Case> = vec![
        // Chunks end it; the rest must not be parsed as a request, since a proxy that uses the length does not.
        (
            "length, then chunks",
            both(&length(&format!("{end}{NEXT}")), te),
            vec![REFUSED],
        ),
        (
            "chunks, then length",
            both(te, &length(&format!("{end}{NEXT}"))),
            vec![REFUSED],
        ),
        ("chunks and no length", hidden(te, &chunked), vec![&[201, 200]]),
        (
            "two lengths",
            hidden("Content-Length: 0\r\nContent-Length: 5\r\n", ""),
            vec![REFUSED],
        ),
        (
            "two lengths in one",
            hidden("Content-Length: 0, 5\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a length with a sign",
            hidden("Content-Length: +0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a hexadecimal length",
            hidden("Content-Length: 0x0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a length with a space in it",
            hidden("Content-Length: 0 5\r\n", ""),
            vec![REFUSED],
        ),
        (
            "an empty length",
            hidden("Content-Length: \r\n", ""),
            vec![REFUSED],
        ),
        (
            "a length beyond all numbers",
            hidden("Content-Length: 99999999999999999999999\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a space before the colon",
            hidden("Content-Length : 0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "another coding",
            hidden("Transfer-Encoding: xchunked\r\n", end),
            vec![REFUSED],
        ),
        (
            "chunks, then identity",
            hidden(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                end,
            ),
            vec![REFUSED],
        ),
        (
            "chunks, then identity, in one",
            hidden("Transfer-Encoding: chunked, identity\r\n", end),
            vec![REFUSED],
        ),
        (
            "gzip, then chunks",
            hidden("Transfer-Encoding: gzip, chunked\r\n", end),
            vec![&[400, 415, 501]],
        ),
        (
            "a tab of another kind",
            hidden("Transfer-Encoding: \x0bchunked\r\n", end),
            vec![REFUSED],
        ),
        (
            "chunks in HTTP/1.0",
            hidden(te, end).replacen("HTTP/1.1", "HTTP/1.0"),
            vec![REFUSED],
        ),
        (
            "a chunk that is longer than it says",
            hidden(te, &format!("3\r\n{body}\r\n{end}")),
            vec![REFUSED],
        ),
        (
            "a line feed in a chunk's extension",
            hidden(te, &format!("2;\nxx\r\n{{}}\r\n{end}")),
            vec![REFUSED],
        ),
        (
            "a bare line feed behind a chunk's size",
            hidden(te, &format!("2\n{{}}\r\n{end}")),
            vec![REFUSED],
        ),
        (
            "a negative chunk",
            hidden(te, &format!("-2\r\n{{}}\r\n{end}")),
            vec![REFUSED],
        ),
        (
            "a chunk's size with a prefix",
            hidden(te, &format!("0x2\r\n{{}}\r\n{end}")),
            vec![REFUSED],
        ),
        (
            "a folded line",
            hidden("X-A: b\r\n Content-Length: 5\r\nContent-Length: 0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a bare carriage return in a value",
            hidden("X-A: b\rContent-Length: 5\r\nContent-Length: 0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a NUL in a value",
            hidden("X-A: b\0c\r\nContent-Length: 0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a NUL in a name",
            hidden("X\0A: b\r\nContent-Length: 0\r\n", ""),
            vec![REFUSED],
        ),
        (
            "a request in a body",
            post(&length(NEXT), NEXT).into(),
            vec![REFUSED],
        ),
        (
            "a request in a body that nobody reads",
            format!(
                "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n{NEXT}",
                length(NEXT)
            )
            .into(),
            vec![&[200]],
        ),
        (
            "a request in a body that is too long",
            post("Content-Length: 9999999\r\n", NEXT).into(),
            vec![&[413]],
        ),
        (
            "a request behind a refused one",
            [post("Content-Length: -1\r\n", ""), NEXT.into()].concat().into(),
            vec![REFUSED],
        ),
    ];
    check(&server, cases);
}

/// RFC 9112, 6.1: a proxy in front may use either, so neither is used, and nothing after it is read.
#[test]
fn both_lengths_are_refused_whatever_their_order_and_what_came_before() {
    // Longer than this test waits for the end of a connection: the end must not be a timeout.
    let server = TestServer::configured(|config| config.timeout = 30);
    server.posted(serde_json::json!({}));
    let thread = format!("/api/v1/sites/blog/thread?page={PAGE}");
    assert_eq!(server.get(&thread).status, 200, "kept ready from here on");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let honest = post("Content-Length: 2\r\n", "{}");
    let before = [
        (String::new(), 0),
        (get(&thread), 1),
        (get("/healthz").repeat(3), 3),
        (format!("{honest}\r\n{}", get("/healthz")), 2),
    ];
    let body = format!("0\r\n\r\n{NEXT}");
    let lengths =
        ["0", "5", &body.len().to_string(), "99999999999"].map(|n| format!("Content-Length: {n}\r\n"));
    let codings = [
        "chunked",
        "Chunked",
        "\tchunked\t",
        "identity",
        "chunked, chunked",
        "gzip, chunked",
        "chunked, identity",
        "xchunked",
        "chunked;a=b",
        "\"chunked\"",
        "chunked,",
        "",
    ];
    let codings = codings.map(|coding| format!("transfer-encoding:{coding}\r\n"));
    let begin = [
        format!("GET {thread} HTTP/1.1\r\nHost: x\r\n"),
        "GET /healthz HTTP/1.1\r\nHost: x\r\n".to_owned(),
        post("", "").trim_end().to_owned() + "\r\n",
    ];
    let mut number = 0;
    for ((coding, (before, honest)), (length, begin)) in codings
        .iter()
        .flat_map(|coding| before.iter().map(move |before| (coding, before)))
        .zip(lengths.iter().cycle().zip(begin.iter().cycle()))
    {
        for lines in [
            format!("{length}{coding}"),
            format!("{coding}{length}"),
            format!("{length}{coding}{length}"),
            format!("{coding}X-A: b\r\n{length}{coding}"),
        ] {
            let stream = format!("{before}{begin}{lines}\r\n{body}");
            refused_at_the_end(&server, &stream, *honest);
            number += 1;
        }
    }
    println!("{number} requests with both lengths, each refused, each the last of its connection");
}

/// The stream has as many responses as valid requests, then a 400, and the connection ends.
fn refused_at_the_end(server: &TestServer, stream: &str, honest: usize) {
    let began = std::time::Instant::now();
    let got = raw(server.address, stream.as_bytes());
    let got = answers(&got).unwrap_or_else(|| panic!("not a stream of answers to {stream:?}"));
    assert!(
        got.len() == honest + 1
            && got.last() == Some(&400)
            && got[..honest].iter().all(|status| *status < 500),
        "{got:?}, to {stream:?}"
    );
    assert!(
        began.elapsed().as_secs() < 8,
        "the connection goes on behind {stream:?}"
    );
}

#[test]
fn both_lengths_are_seen_in_a_head_that_comes_in_pieces() {
    use std::io::{Read as _, Write as _};

    let server = TestServer::configured(|config| config.timeout = 30);
    let head = "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
    for at in (1..head.len()).step_by(7) {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(std::time::Duration::from_secs(8)))
            .unwrap();
        stream.write_all(&head.as_bytes()[..at]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(10));
        stream
            .write_all(format!("{}0\r\n\r\n{NEXT}", &head[at..]).as_bytes())
            .unwrap();
        let mut got = Vec::new();
        stream.read_to_end(&mut got).unwrap();
        assert_eq!(answers(&got), Some(vec![400]), "cut at {at}");
    }
}

/// Replaces text in bytes that are mostly text.
trait Replace {
    fn replacen(self, from: &str, to: &str) -> Vec<u8>;
}

impl Replace for Vec<u8> {
    fn replacen(self, from: &str, to: &str) -> Vec<u8> {
        let at = self
            .windows(from.len())
            .position(|window| window == from.as_bytes())
            .unwrap();
        [&self[..at], to.as_bytes(), &self[at + from.len()..]].concat()
    }
}

#[test]
fn malformed_requests_are_refused() {
    let server = TestServer::configured(|config| config.timeout = 1);
    let get = |line: &str| format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes();
    const REFUSED: &[u16] = &[400];
    const CLIENT: &[u16] = &[400, 404, 405];
    let many: String = (0..65).map(|n| format!("X-{n}: y\r\n")).collect();
    let cases: Vec<Case> = vec![
        ("no host", b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n".into(), vec![REFUSED]),
        ("two hosts", b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x\r\nConnection: close\r\n\r\n".into(), vec![REFUSED]),
        ("HTTP/1.0 needs no host", b"GET /healthz HTTP/1.0\r\n\r\n".into(), vec![&[200]]),
        ("HTTP/0.9", b"GET /healthz\r\n\r\n".into(), vec![REFUSED]),
        ("HTTP/2 by prior knowledge", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), vec![&[400, 505, 0]]),
        ("another version", get("GET / HTTP/1.9"), vec![&[400, 505]]),
        ("an upgrade to HTTP/2", b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n".into(), vec![&[200]]),
        ("a WebSocket", b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".into(), vec![&[200]]),
        ("TLS", b"\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03\r\n\r\n".into(), vec![&[400, 0]]),
        ("a proxy's greeting", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n".into(), vec![REFUSED]),
        ("SMTP", b"EHLO example.org\r\n\r\n".into(), vec![REFUSED]),
        ("a tunnel", get("CONNECT example.org:443 HTTP/1.1"), vec![&[405]]),
        ("TRACE", get("TRACE /healthz HTTP/1.1"), vec![&[405]]),
        ("a method nobody knows", get("BREW /healthz HTTP/1.1"), vec![&[405]]),
        ("a method in small letters", get("get /healthz HTTP/1.1"), vec![&[405]]),
        ("a method of a thousand letters", get(&format!("{} /healthz HTTP/1.1", "A".repeat(1_000))), vec![&[400, 405]]),
        ("all of the server", get("OPTIONS * HTTP/1.1"), vec![CLIENT]),
        ("a path that goes up", get("GET /../../etc/passwd HTTP/1.1"), vec![&[404]]),
        ("a path that goes up, encoded", get("GET /embed/..%2f..%2fetc%2fpasswd HTTP/1.1"), vec![&[404]]),
        ("backslashes", get("GET /\\..\\..\\etc HTTP/1.1"), vec![&[400, 404]]),
        ("a NUL in the path", get("GET /a%00b HTTP/1.1"), vec![CLIENT]),
        ("no UTF-8", get("GET /%ff%fe?uri=%ff HTTP/1.1"), vec![CLIENT]),
        ("half an escape", get("GET /% HTTP/1.1"), vec![CLIENT]),
        ("a space in the path", get("GET /a b HTTP/1.1"), vec![REFUSED]),
        ("a fragment in the path", get("GET /healthz#x HTTP/1.1"), vec![&[200, 400]]),
        ("a path without a slash", get("GET healthz HTTP/1.1"), vec![REFUSED]),
        ("a host where a path should be", get("POST edit=a:80 HTTP/1.1"), vec![REFUSED]),
        ("a host and no path", get("GET http://x HTTP/1.1"), vec![&[200]]),
        ("a path of 200 kB", get(&format!("GET /{} HTTP/1.1", "a".repeat(200_000))), vec![&[414, 431]]),
        ("a header of 200 kB", format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n", "a".repeat(200_000)).into(), vec![&[431]]),
        ("sixty-five headers", format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{many}\r\n").into(), vec![&[431]]),
        ("a header without a name", get("GET /healthz HTTP/1.1\r\n: x"), vec![REFUSED]),
        ("a line without a colon", get("GET /healthz HTTP/1.1\r\nnonsense"), vec![REFUSED]),
        ("bytes that are no text in a value", [b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: \xff\xfe=\x80\r\n\r\n".to_vec()].concat(), vec![&[200]]),
        ("a body that waits to be asked for", b"POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".into(), vec![&[403]]),
        ("an expectation nobody knows", get("GET /healthz HTTP/1.1\r\nExpect: wonders"), vec![&[200, 417]]),
        ("a compressed body", b"POST /api/v1/sites/blog/preview HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\x1f\x8b\x08\x00".into(), vec![&[415]]),
        ("ranges without end", format!("GET /embed.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes={}\r\n\r\n", "0-1,".repeat(5_000)).into(), vec![&[200, 416]]),
    ];
    check(&server, cases);
}

/// Sends each and counts; also checks that other clients are not affected.
fn check(server: &TestServer, cases: Vec<Case>) {
    let number = cases.len();
    for (what, bytes, expected) in cases {
        let stream = raw(server.address, &bytes);
        let shown = String::from_utf8_lossy(&stream)
            .chars()
            .take(600)
            .collect::<String>();
        let got = answers(&stream).unwrap_or_else(|| panic!("{what}: not a stream of answers: {shown:?}"));
        assert!(
            got.iter().all(|status| *status < 500 || *status == 505),
            "{what}: {got:?}"
        );
        let silent = got.is_empty() && expected.len() == 1 && expected[0].contains(&0);
        let fits =
            got.len() == expected.len() && got.iter().zip(&expected).all(|(got, may)| may.contains(got));
        assert!(silent || fits, "{what}: {got:?}, not {expected:?}: {shown:?}");
        assert_eq!(server.get("/healthz").status, 200, "{what}: the server is gone");
    }
    println!("{number} streams, each answered as often as it should be");
}
