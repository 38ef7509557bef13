//! Detection of requests with both `Content-Length` and `Transfer-Encoding`, in the bytes of a connection.
//!
//! RFC 9112, 6.1: such a request may be an attempt at smuggling. hyper removes `Content-Length` and continues, so it cannot
//! be detected after hyper. The scanner here follows the bytes of a connection from head to head, up to the first one with
//! `Transfer-Encoding`, since the connection is closed after that request. Malformed heads are left to hyper, which
//! refuses them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Header fields of a head; hyper refuses more.
const MAX_HEADERS: usize = 64;
/// Bytes of a head; hyper refuses more.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// A flag per connection: a request with `Transfer-Encoding` had `Content-Length` too.
#[derive(Clone, Default)]
pub(crate) struct LengthAndChunks(Arc<AtomicBool>);

impl LengthAndChunks {
    /// True if the connection had such a request. To be called for a request with `Transfer-Encoding`.
    pub(crate) fn seen(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Finds the heads in the bytes that a client sends.
pub(crate) struct HeadScanner {
    at: ScannerState,
    seen: LengthAndChunks,
}

enum ScannerState {
    /// In a head, of which these bytes have arrived.
    Head(Vec<u8>),
    /// In a body, of which this number of bytes is missing.
    Body(u64),
    /// After the last head that matters on this connection.
    End,
}

/// The part of the stream after a head.
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

    /// Scans the next bytes.
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
                        parse(&bytes[..end], &self.seen)
                    } else {
                        before.extend_from_slice(&bytes[..end]);
                        parse(before, &self.seen)
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

/// The index in `bytes` of the end of the head that began with `before`: after its first empty line. Empty lines before a
/// head belong to it; `None` if the head does not end in `bytes`.
fn end_of_head(before: &[u8], bytes: &[u8]) -> Option<usize> {
    let mut begun = before.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
    // True while the current line is empty.
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

/// Parses a head, and sets the flag if it has both fields.
fn parse(head: &[u8], seen: &LengthAndChunks) -> Next {
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

    /// True if the flag is set; the same whether the bytes arrive at once or one by one.
    fn is_detected(stream: &str) -> bool {
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
    fn both_fields_are_detected_in_each_head_of_a_connection() {
        let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let post = format!(
            "POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{CHUNKS}",
            CHUNKS.len()
        );
        assert!(is_detected(BOTH));
        assert!(is_detected(&format!("\r\n\r\n{BOTH}")), "empty lines before it");
        assert!(is_detected(&format!("{get}{get}{BOTH}")), "after others");
        assert!(is_detected(&format!("{post}{BOTH}")), "after a body");
        assert!(is_detected(&BOTH.replace("\r\n", "\n")), "bare line feeds");
    }

    #[test]
    fn bodies_and_malformed_heads_are_ignored() {
        assert!(!is_detected(CHUNKS));
        assert!(!is_detected("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde"));
        let body = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{BOTH}", BOTH.len());
        assert!(!is_detected(&body), "in a body");
        assert!(
            !is_detected(&format!("{CHUNKS}0\r\n\r\n{BOTH}")),
            "after the end of the connection"
        );
        assert!(
            !is_detected(&format!("nonsense\r\n\r\n{BOTH}")),
            "after a malformed head"
        );
        assert!(!is_detected(&"x".repeat(3 * MAX_HEAD_BYTES)), "no head");
    }
}
