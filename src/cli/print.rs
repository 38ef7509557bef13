//! What a command says on standard output, in one piece and as its last act.
//!
//! Never by `println!`, which panics when whoever reads stops reading, as in `afterword config | head`.

use std::io::{ErrorKind, Write as _};

/// Writes the text as it is. Who no longer reads wants no more: that is no error. Errors: a full disk, for example.
pub(super) fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        _ => Ok(()),
    }
}
