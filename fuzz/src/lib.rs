//! What the targets share: a judge of HTML, and a server without a socket.
//!
//! A target states laws and nothing else; what it found becomes a test of the project beside the code at fault.
//! Where to go next: `targets/`, and `README.md` for how to run them.

pub mod judge;
pub mod server;
