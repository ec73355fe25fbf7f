//! What counts as one address wherever addresses are limited.

use std::net::IpAddr;

/// One address; of IPv6 the network that a provider gives to one customer, and that customer chooses from
/// at will (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AddressBlock {
    V4(u32),
    V6Of64Bits(u64),
}

impl From<IpAddr> for AddressBlock {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let bits = [a, b, c, d].iter().fold(0, |bits, part| bits << 16 | u64::from(*part));
                Self::V6Of64Bits(bits)
            }
        }
    }
}
