//! The network that a client's address belongs to: what limits count by, and what stands keyed beside a comment.
//!
//! One household has 2⁶⁴ IPv6 addresses, so an IPv6 network is a /64; an IPv4 network is its address. Must never hold
//! an address as it came. Which address is the client's is decided in `web::request`.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// An IPv4 address, or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of this address; `::ffff:192.0.2.1` is 192.0.2.1.
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

    /// The groups that make the /48 that an IPv6 network lies in.
    #[must_use]
    pub fn wide(self) -> Option<[u16; 3]> {
        let IpAddr::V6(v6) = self.0 else { return None };
        let [a, b, c, ..] = v6.segments();
        Some([a, b, c])
    }
}

/// `192.0.2.1`, `2001:db8::/64`. Keys are made of it, so it stays as it is.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => v4.fmt(f),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_network() {
        let network = |address: &str| Network::of(address.parse().unwrap());
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
        assert_eq!(
            network("2001:db8:1:2::1").wide(),
            network("2001:db8:1:3::1").wide()
        );
        assert_eq!(network("192.0.2.1").wide(), None);
    }
}
