//! What the targets share: an oracle for HTML, and a server without a socket.
//!
//! A target states properties and nothing else; what it found becomes a test of the project beside the code at fault.
//! Where to go next: `targets/`, and `README.md` for how to run them.

pub mod oracle;
pub mod server;
