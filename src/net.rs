//! Outgoing HTTP: the only client, and the guard that each of its requests passes.
//!
//! docs/decisions/0009-outgoing-http.md lists the parts that may send requests to other servers. Start with
//! [`client`]; [`address`] defines which addresses are public.

pub mod address;
pub mod client;
mod guard;

#[cfg(test)]
mod tests;
