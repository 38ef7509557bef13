//! Prints the output of a command on standard output, in one piece at its end.
//!
//! `println!` is not used: it panics if the reader closes the pipe, as in `afterword config | head`.

use std::io::{ErrorKind, Write as _};

/// Writes the text. A closed pipe is not an error.
///
/// # Errors
/// A sentence, for example for a full disk.
pub(super) fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        _ => Ok(()),
    }
}
