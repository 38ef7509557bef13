//! The address of the client: that of the peer, or the one that trusted proxies report.
//!
//! Only the header that the configuration names is read: `Forwarded` by RFC 7239, every other (`X-Forwarded-For`,
//! `X-Real-IP`) as a list of nodes separated by commas. It is read from right to left: each trusted proxy reports the
//! address that it received the request from, and the first address that is not a trusted proxy is the client. An element
//! without an address (`unknown`, `_hidden`, or malformed) ends the walk, and the proxy that sent it is taken as the
//! client. All readers behind it would count as one client, so this is logged once, and `afterword doctor` finds it. Logs
//! contain no address.

mod node;

use std::{net::IpAddr, sync::Once};

use serde::{Deserialize, Serialize};
use warp::http::HeaderMap;

use crate::config::Config;
use node::{Separator, forwarded_for, node};

/// Headers in which proxies name the client.
const KNOWN_HEADERS: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// A reason why the address may not be the client's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardingFault {
    /// A trusted proxy sent this element, which has no address.
    Unreadable(String),
    /// A trusted proxy sent this header instead of the configured one.
    OtherHeader(String),
    /// A peer that is not trusted sent a forwarding header.
    NotTrusted,
}

/// The client's address. Logs a fault of the headers, once per kind while the process runs.
pub(crate) fn client(config: &Config, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let (address, fault) = read(config, peer, headers);
    if let Some(fault) = fault {
        fault.log(&config.forwarded_header);
    }
    address
}

/// The client's address, and the fault of the headers if there is one.
pub(crate) fn read(config: &Config, peer: IpAddr, headers: &HeaderMap) -> (IpAddr, Option<ForwardingFault>) {
    let name = config.forwarded_header.as_str();
    let other = || {
        KNOWN_HEADERS
            .into_iter()
            .find(|known| *known != name && headers.contains_key(*known))
    };
    let is_there = headers.contains_key(name);
    if !config.trusts(peer) {
        let fault = (is_there || other().is_some()).then_some(ForwardingFault::NotTrusted);
        return (peer, fault);
    }
    if !is_there {
        return (
            peer,
            other().map(|name| ForwardingFault::OtherHeader(name.to_owned())),
        );
    }
    let is_rfc_7239 = name == "forwarded";
    let separator = Separator {
        byte: b',',
        quotes: is_rfc_7239,
    };
    let (mut address, mut elements) = (peer, Vec::new());
    for line in headers.get_all(name) {
        elements.extend(separator.split(line.as_bytes()));
    }
    for element in elements.into_iter().rev() {
        let element = String::from_utf8_lossy(element);
        let element = element.trim();
        // RFC 9110, 5.6.1.2: empty elements are ignored.
        if element.is_empty() {
            continue;
        }
        let next = if is_rfc_7239 {
            forwarded_for(element)
        } else {
            node(element)
        };
        let Some(next) = next else {
            return (address, Some(ForwardingFault::Unreadable(element.to_owned())));
        };
        address = next;
        if !config.trusts(address) {
            break;
        }
    }
    (address, None)
}

/// Completed by the first unreadable element, which is logged.
static UNREADABLE: Once = Once::new();

/// True if a trusted proxy sent an element without an address since the process started.
pub(crate) fn was_unreadable() -> bool {
    UNREADABLE.is_completed()
}

impl ForwardingFault {
    fn log(&self, header: &str) {
        static OTHER_HEADER: Once = Once::new();
        static NOT_TRUSTED: Once = Once::new();
        match self {
            Self::Unreadable(_) => UNREADABLE.call_once(|| {
                tracing::warn!(
                    header,
                    "a trusted proxy does not say whom it speaks for, so its readers count as one; run afterword doctor"
                );
            }),
            Self::OtherHeader(found) => OTHER_HEADER.call_once(|| {
                tracing::warn!(
                    header,
                    found,
                    "a trusted proxy sends another forwarding header than forwarded_header names; run afterword doctor"
                );
            }),
            Self::NotTrusted => NOT_TRUSTED.call_once(|| {
                tracing::warn!(
                    "a forwarding header came from a peer that is not in trusted_proxies, and is ignored; \
                     if a proxy stands before this server, run afterword doctor"
                );
            }),
        }
    }
}

#[cfg(test)]
mod tests;
