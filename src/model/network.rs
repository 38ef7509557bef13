//! The network of a client address: the unit of rate limits and fair shares. Its keyed hash is stored with comments
//! and votes.
//!
//! One household has 2⁶⁴ IPv6 addresses, so an IPv6 network is a /64; an IPv4 network is one address. A holder of a
//! whole /56 or /48 has 256 or 65,536 such networks, so requests are counted by network and by the two prefixes
//! around it ([`Network::prefixes`]). Must never hold a full IPv6 address. The client's address is determined in
//! `web::http::forwarded`; the share of each prefix in `app::fair_share`.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// An IPv4 address, or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

/// A network, or a prefix around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    first: IpAddr,
    width: PrefixWidth,
}

/// The length of a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrefixWidth {
    /// The network itself: an IPv4 address, an IPv6 /64.
    Network,
    /// An IPv6 /56, the usual assignment to a household.
    Slash56,
    /// An IPv6 /48, the usual assignment to a company, a rented server or a tunnel.
    Slash48,
}

impl PrefixWidth {
    /// All lengths, the narrowest prefix first.
    pub const ALL: [Self; 3] = [Self::Network, Self::Slash56, Self::Slash48];
}

impl Prefix {
    /// The length of this prefix.
    #[must_use]
    pub fn width(self) -> PrefixWidth {
        self.width
    }
}

impl Network {
    /// The network of an address; `::ffff:192.0.2.1` counts as 192.0.2.1.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }

    /// The network and the prefixes around it, the narrowest first; an IPv4 network has no others.
    pub fn prefixes(self) -> impl DoubleEndedIterator<Item = Prefix> {
        let widths = match self.0 {
            IpAddr::V4(_) => &PrefixWidth::ALL[..1],
            IpAddr::V6(_) => &PrefixWidth::ALL[..],
        };
        widths.iter().map(move |width| self.prefix(*width))
    }

    /// The widest of [`Network::prefixes`]: the IPv4 address, or the IPv6 /48.
    #[must_use]
    pub fn widest(self) -> Prefix {
        self.prefix(match self.0 {
            IpAddr::V4(_) => PrefixWidth::Network,
            IpAddr::V6(_) => PrefixWidth::Slash48,
        })
    }

    fn prefix(self, width: PrefixWidth) -> Prefix {
        let first = match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                let d = match width {
                    PrefixWidth::Network => d,
                    PrefixWidth::Slash56 => d & 0xff00,
                    PrefixWidth::Slash48 => 0,
                };
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        };
        Prefix { first, width }
    }
}

/// `192.0.2.1`, `2001:db8::/64`. Stored keys are derived from this form: it must not change.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.prefix(PrefixWidth::Network).fmt(f)
    }
}

/// `192.0.2.1`, `2001:db8::/48`. Stored keys are derived from this form: it must not change.
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = match (self.first, self.width) {
            (IpAddr::V4(v4), _) => return v4.fmt(f),
            (_, PrefixWidth::Network) => 64,
            (_, PrefixWidth::Slash56) => 56,
            (_, PrefixWidth::Slash48) => 48,
        };
        write!(f, "{}/{bits}", self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn a_household_is_one_network() {
        for (address, said) in [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8::7", "2001:db8::/64"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(network(address).to_string(), said);
        }
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn a_network_lies_in_the_prefixes_around_it() {
        let prefixes = |address: &str| -> Vec<String> {
            network(address)
                .prefixes()
                .map(|prefix| prefix.to_string())
                .collect()
        };
        assert_eq!(prefixes("192.0.2.1"), ["192.0.2.1"]);
        assert_eq!(prefixes("::ffff:192.0.2.1"), ["192.0.2.1"]);
        assert_eq!(
            prefixes("2001:db8:1:2345::9"),
            ["2001:db8:1:2345::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]
        );
        assert_eq!(
            network("2001:db8:1:2::1").widest(),
            network("2001:db8:1:ffff::1").widest()
        );
        assert_ne!(
            network("2001:db8:1:2::1").widest(),
            network("2001:db8:2:2::1").widest()
        );
        // A prefix that begins with zeros differs from the network that begins at the same address.
        let zero = network("2001:db8:1::1");
        assert_ne!(zero.widest(), zero.prefix(PrefixWidth::Network));
    }
}
