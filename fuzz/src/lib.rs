//! Shared by the targets: an oracle for HTML, and a server without a socket.
//!
//! A target only states properties; each find becomes a test of the project next to the faulty code. Next: `targets/`,
//! and `README.md` for how to run them.

pub mod oracle;
pub mod server;
