//! Name resolution that refuses addresses: the resolver of every agent, and the constructor of agents.
//!
//! ureq resolves the host of a request once and connects to nothing but the addresses of that answer, also where the
//! host is an address. So the checked addresses are the addresses that are connected to, and a later answer of the DNS
//! changes nothing (DNS rebinding).
//!
//! ureq's interfaces for resolvers and connectors are not covered by semantic versioning; of this crate, only this
//! file and the tests use them.

use std::{fmt, io, net::IpAddr};

use ureq::{
    Agent,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{Connector, DefaultConnector, NextTimeout},
    },
};

/// An address that a client may not connect to.
#[derive(Debug)]
pub(super) struct AddressRefused(pub(super) IpAddr);

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an address of the public internet", self.0)
    }
}

impl std::error::Error for AddressRefused {}

/// A resolver that returns the addresses of another one, and fails if one of them is refused.
#[derive(Debug)]
struct CheckedResolver<R> {
    inner: R,
    allows: fn(IpAddr) -> bool,
}

impl<R: Resolver> Resolver for CheckedResolver<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        match addresses.iter().find(|address| !(self.allows)(address.ip())) {
            Some(refused) => Err(io::Error::other(AddressRefused(refused.ip())).into()),
            None => Ok(addresses),
        }
    }
}

/// An agent that resolves names by the system and connects to no address that `allows` refuses.
pub(super) fn agent(config: Config, allows: fn(IpAddr) -> bool) -> Agent {
    agent_with(
        config,
        allows,
        DefaultResolver::default(),
        DefaultConnector::default(),
    )
}

/// [`agent`] with another source of addresses and another way to connect.
pub(super) fn agent_with(
    config: Config,
    allows: fn(IpAddr) -> bool,
    inner: impl Resolver,
    connector: impl Connector,
) -> Agent {
    Agent::with_parts(config, connector, CheckedResolver { inner, allows })
}
