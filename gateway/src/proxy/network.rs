//! Networks of proxies.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

use crate::settings::WrongText;

/// The length of the prefix that IPv4 has within IPv6 (RFC 4291, section 2.5.5.2), in bits.
const MAPPED_BITS: u8 = 96;

/// A network in CIDR notation (RFC 4632), or one address. Never all addresses there are: everybody would be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether this address, which is not in IPv6's disguise, is in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = WrongText;

    fn from_str(text: &str) -> Result<Self, WrongText> {
        let wrong = WrongText("a network such as 10.0.0.0/8, or an address, and not all there are");
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse().map_err(|_| wrong)?,
        };
        let network = unmapped(network);
        if network.prefix_len() == 0 { Err(wrong) } else { Ok(Self(network)) }
    }
}

/// An IPv4 network that was written as part of IPv6, as itself.
fn unmapped(network: IpNet) -> IpNet {
    let (IpAddr::V4(address), Some(bits)) =
        (network.addr().to_canonical(), network.prefix_len().checked_sub(MAPPED_BITS))
    else {
        return network;
    };
    let v4 = |address: Ipv4Addr, bits| Ipv4Net::new(address, bits).map(IpNet::from);
    match network {
        IpNet::V6(_) => v4(address, bits).unwrap_or(network),
        IpNet::V4(_) => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_share_its_prefix() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("10.1.2.3/8", "10.0.0.1", "9.255.255.255"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::1", "::1", "127.0.0.1"),
            ("::ffff:192.0.2.0/120", "192.0.2.7", "192.0.3.7"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network:?}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?}");
        }
    }

    #[test]
    fn everybody_is_no_network_of_proxies() {
        for text in
            ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "", "10.0.0.0/", "10.0.0.0/33", "proxy"]
        {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
