//! What a trusted proxy in front of the gateway says of a request: where it comes from, and whose it is.
//!
//! Nobody else is believed: to others' headers the gateway is blind.
//!
//! | module | what it is |
//! |---|---|
//! | `network` | which addresses are those of proxies |
//! | `address` | where a request comes from: X-Forwarded-For and Forwarded |
//! | `user` | whose it is: X-Forwarded-User or another |

mod address;
mod network;
mod user;

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};

pub use self::address::{AddressHeader, client_address};
pub use self::network::Network;
pub use self::user::{UserHeader, UserProblem};

/// The proxies that are believed, and the headers that are read of them.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trusted: Vec<Network>,
    address_header: AddressHeader,
    user_header: Option<UserHeader>,
}

/// Who sent a request, as far as the gateway can vouch for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Where it comes from. An IPv4 address is never in IPv6's disguise (::ffff:192.0.2.1).
    pub address: IpAddr,
    /// The user that a trusted proxy names, where it names one; or why what it says is none.
    pub user: Result<Option<Arc<str>>, UserProblem>,
}

impl Proxies {
    /// Believes these.
    #[must_use]
    pub fn new(
        trusted: Vec<Network>,
        address_header: AddressHeader,
        user_header: Option<UserHeader>,
    ) -> Self {
        Self { trusted, address_header, user_header }
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// Who sent a request with these headers that came in from `peer`.
    #[must_use]
    pub fn sender(&self, peer: IpAddr, headers: &HeaderMap) -> Sender {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Sender { address: peer, user: Ok(None) };
        }
        let lines = headers.get_all(HeaderName::from(self.address_header));
        let lines = lines.iter().map(|line| line.as_bytes());
        Sender {
            address: client_address(peer, self.address_header, lines, |ip| self.trusts(ip)),
            user: self.user_header.as_ref().map_or(Ok(None), |header| header.user(headers)),
        }
    }
}
