//! Request heads as they arrive, for what hyper does not tell: a request with both lengths.
//!
//! RFC 9112, 6.1: a message with Content-Length and Transfer-Encoding may be an attempt at smuggling. hyper takes
//! Content-Length away and goes on. Here the bytes of a connection are followed from head to head, up to the first with
//! Transfer-Encoding: the connection is closed behind that one. What is no sound head is hyper's to refuse.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Headers in a head; hyper refuses more.
const MAX_HEADERS: usize = 64;
/// Bytes of a head; hyper refuses more.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Whether a connection's request with Transfer-Encoding had Content-Length too.
#[derive(Clone, Default)]
pub(crate) struct LengthAndChunks(Arc<AtomicBool>);

impl LengthAndChunks {
    /// To be asked for a request that has Transfer-Encoding.
    pub(crate) fn seen(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Follows the bytes that a client sends.
pub(crate) struct HeadScanner {
    at: ScannerState,
    seen: LengthAndChunks,
}

enum ScannerState {
    /// In a head, of which these bytes came before.
    Head(Vec<u8>),
    /// In a body, of which so many bytes are to come.
    Body(u64),
    /// Nothing more is to be found on this connection.
    End,
}

/// What a head says of what comes behind it.
enum Next {
    Body(u64),
    End,
}

impl HeadScanner {
    pub(crate) fn new(seen: LengthAndChunks) -> Self {
        Self {
            at: ScannerState::Head(Vec::new()),
            seen,
        }
    }

    /// Looks at the next bytes.
    pub(crate) fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.at {
                ScannerState::End => return,
                ScannerState::Body(0) => self.at = ScannerState::Head(Vec::new()),
                ScannerState::Body(left) => {
                    let skipped = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= skipped as u64;
                    bytes = &bytes[skipped..];
                }
                ScannerState::Head(before) => {
                    let known = before.len();
                    let Some(end) = end_of_head(before, bytes) else {
                        if known + bytes.len() > MAX_HEAD_BYTES {
                            self.at = ScannerState::End;
                        } else {
                            before.extend_from_slice(bytes);
                        }
                        return;
                    };
                    let next = if known == 0 {
                        read(&bytes[..end], &self.seen)
                    } else {
                        before.extend_from_slice(&bytes[..end]);
                        read(before, &self.seen)
                    };
                    bytes = &bytes[end..];
                    self.at = match next {
                        Next::Body(length) => ScannerState::Body(length),
                        Next::End => ScannerState::End,
                    };
                }
            }
        }
    }
}

/// Where in `bytes` the head ends that began with `before`: behind its first empty line. Empty lines before a head
/// belong to it.
fn end_of_head(before: &[u8], bytes: &[u8]) -> Option<usize> {
    let mut begun = before.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
    // The line that is being read is empty so far.
    let mut empty = matches!(before, [.., b'\n', b'\r'] | [.., b'\n'] | []);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if empty && begun => return Some(at + 1),
            b'\n' => empty = true,
            b'\r' => (),
            _ => (begun, empty) = (true, false),
        }
    }
    None
}

fn read(head: &[u8], seen: &LengthAndChunks) -> Next {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(head), Ok(httparse::Status::Complete(_))) {
        return Next::End;
    }
    let mut lengths = request
        .headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = lengths.next();
    let chunked = request
        .headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case("transfer-encoding"));
    match (length, chunked) {
        (Some(_), true) => {
            seen.0.store(true, Ordering::Release);
            Next::End
        }
        (None, true) => Next::End,
        (None, false) => Next::Body(0),
        (Some(length), false) => std::str::from_utf8(length.value)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .map_or(Next::End, Next::Body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str =
        "POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 5\r\nTransfer-Encoding:\tchunked\r\n\r\n";
    const CHUNKS: &str = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// Is it seen, whether the bytes come at once or one by one?
    fn found(stream: &str) -> bool {
        let (at_once, one_by_one) = (LengthAndChunks::default(), LengthAndChunks::default());
        HeadScanner::new(at_once.clone()).follow(stream.as_bytes());
        let mut heads = HeadScanner::new(one_by_one.clone());
        for byte in stream.as_bytes() {
            heads.follow(&[*byte]);
        }
        assert_eq!(at_once.seen(), one_by_one.seen(), "{stream:?}");
        at_once.seen()
    }

    #[test]
    fn both_lengths_are_seen_wherever_the_head_stands() {
        let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let post = format!(
            "POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{CHUNKS}",
            CHUNKS.len()
        );
        assert!(found(BOTH));
        assert!(found(&format!("\r\n\r\n{BOTH}")), "empty lines before it");
        assert!(found(&format!("{get}{get}{BOTH}")), "behind others");
        assert!(found(&format!("{post}{BOTH}")), "behind a body");
        assert!(found(&BOTH.replace("\r\n", "\n")), "bare line feeds");
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        assert!(!found(CHUNKS));
        assert!(!found("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde"));
        let body = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{BOTH}", BOTH.len());
        assert!(!found(&body), "in a body");
        assert!(
            !found(&format!("{CHUNKS}0\r\n\r\n{BOTH}")),
            "behind the end of the connection"
        );
        assert!(
            !found(&format!("nonsense\r\n\r\n{BOTH}")),
            "behind what is refused"
        );
        assert!(!found(&"x".repeat(3 * MAX_HEAD_BYTES)), "no head at all");
    }
}
