//! Signals that stop the server, and signals that are ignored.
//!
//! SIGTERM, SIGINT, SIGQUIT and SIGHUP stop it: requests in progress are finished. A second one cuts them off.
//! SIGUSR1 and SIGUSR2 do nothing; SIGPIPE is ignored by every Rust program.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The name of a signal, and its constructor.
type Named = (&'static str, fn() -> SignalKind);

/// Signals that stop the server.
const STOP_SIGNALS: [Named; 4] = [
    ("SIGTERM", SignalKind::terminate),
    ("SIGINT", SignalKind::interrupt),
    ("SIGQUIT", SignalKind::quit),
    ("SIGHUP", SignalKind::hangup),
];

/// Signals that would end the process without a handler.
const IGNORED_SIGNALS: [fn() -> SignalKind; 2] = [SignalKind::user_defined1, SignalKind::user_defined2];

/// A stream of the signals that stop the server.
pub(super) struct Stop {
    stopping: Vec<(&'static str, Signal)>,
    /// Held so that the handlers stay installed.
    _without_meaning: Vec<Signal>,
}

impl Stop {
    /// Installs the handlers. A signal ignored at the program's start (as `nohup` does with SIGHUP) stays ignored.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn listen() -> Result<Self, String> {
        let refused = |error: std::io::Error| format!("cannot listen for signals: {error}");
        let ignored = ignored_signals();
        let heard = |kind: &SignalKind| ignored & (1 << (kind.as_raw_value() - 1)) == 0;
        let mut stopping = Vec::new();
        for (name, kind) in STOP_SIGNALS.map(|(name, kind)| (name, kind())) {
            if heard(&kind) {
                stopping.push((name, signal(kind).map_err(refused)?));
            }
        }
        let mut without_meaning = Vec::new();
        for kind in IGNORED_SIGNALS.map(|kind| kind()) {
            without_meaning.push(signal(kind).map_err(refused)?);
        }
        Ok(Self {
            stopping,
            _without_meaning: without_meaning,
        })
    }

    /// Waits for the next signal; returns its name.
    pub(super) async fn received(&mut self) -> &'static str {
        std::future::poll_fn(|cx| {
            for (name, signal) in &mut self.stopping {
                if signal.poll_recv(cx).is_ready() {
                    return std::task::Poll::Ready(*name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// The signals that the process ignores, as a bit mask from signal 1; 0 if `/proc` is unavailable.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_in_rust_ignores_a_closed_pipe() {
        let pipe = SignalKind::pipe().as_raw_value();
        assert_ne!(
            ignored_signals() & (1 << (pipe - 1)),
            0,
            "control: the mask is read"
        );
        assert_eq!(
            ignored_signals() & (1 << (SignalKind::terminate().as_raw_value() - 1)),
            0
        );
    }
}
