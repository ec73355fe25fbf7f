//! Where a request comes from: X-Forwarded-For, and Forwarded (RFC 7239).
//!
//! Each proxy adds at the right end whom it had the request from, so that the right end alone is a proxy's own; what is
//! left of it the client can have made up. The header is therefore read from the right, the elements of Forwarded
//! too, whose quotes a client could leave open.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::{HeaderName, header};

use crate::settings::WrongText;

/// Proxies in a row that are passed at most.
const MAX_HOPS: usize = 32;

/// The header in which proxies say where a request comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressHeader {
    /// X-Forwarded-For: addresses, separated by commas.
    #[default]
    XForwardedFor,
    /// Forwarded: RFC 7239.
    Forwarded,
}

impl FromStr for AddressHeader {
    type Err = WrongText;

    fn from_str(text: &str) -> Result<Self, WrongText> {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err(WrongText("x-forwarded-for or forwarded")),
        }
    }
}

impl From<AddressHeader> for HeaderName {
    fn from(header: AddressHeader) -> Self {
        match header {
            AddressHeader::XForwardedFor => Self::from_static("x-forwarded-for"),
            AddressHeader::Forwarded => header::FORWARDED,
        }
    }
}

/// Where a request comes from that came in from the trusted `peer` with these lines of the header: the first address,
/// from the right, that is no trusted proxy's. Where one is hidden, unknown or garbage, all that is known is which
/// proxy had it from there, and that proxy's address is the answer.
#[must_use]
pub fn client_address<'a>(
    peer: IpAddr,
    header: AddressHeader,
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusts: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    // Several lines are one, joined by commas in their order (RFC 9110, section 5.3).
    let elements = lines.rev().flat_map(|line| Elements { rest: Some(line), header });
    let mut client = peer.to_canonical();
    for element in elements.filter(|element| !element.is_empty()).take(MAX_HOPS) {
        if !trusts(client) {
            break;
        }
        let address = match header {
            AddressHeader::XForwardedFor => address(element),
            AddressHeader::Forwarded => forwarded_for(element).and_then(address),
        };
        match address {
            Some(address) => client = address,
            None => break,
        }
    }
    client
}

/// The elements of a line from the right, without the white space around them.
struct Elements<'a> {
    rest: Option<&'a [u8]>,
    header: AddressHeader,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let comma = match self.header {
            AddressHeader::XForwardedFor => rest.iter().rposition(|byte| *byte == b','),
            AddressHeader::Forwarded => last_outside_quotes(rest, b','),
        };
        let element = match comma {
            Some(comma) => {
                self.rest = Some(&rest[..comma]);
                &rest[comma + 1..]
            }
            None => {
                self.rest = None;
                rest
            }
        };
        Some(element.trim_ascii())
    }
}

/// Where this byte stands last outside of quoted strings (RFC 9110, section 5.6.4).
fn last_outside_quotes(text: &[u8], wanted: u8) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in text.iter().enumerate().rev() {
        let escaped =
            || text[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
        match byte {
            b'"' if !escaped() => quoted = !quoted,
            byte if *byte == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// The node that a forwarded-element names as the one that it is for; `None` where it names none, or two.
fn forwarded_for(element: &[u8]) -> Option<&[u8]> {
    let mut rest = Some(element);
    let mut node = None;
    while let Some(pairs) = rest {
        let semicolon = last_outside_quotes(pairs, b';');
        let pair = semicolon.map_or(pairs, |at| &pairs[at + 1..]).trim_ascii();
        rest = semicolon.map(|at| &pairs[..at]);
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        if pair[..equals].eq_ignore_ascii_case(b"for")
            && node.replace(unquoted(&pair[equals + 1..])).is_some()
        {
            return None;
        }
    }
    node
}

/// What stands in quotes. No address needs a backslash in them.
fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

/// The address of a node (RFC 7239, section 6), with or without a port. IPv6 should stand in brackets, but does not in
/// X-Forwarded-For. `None` for one that is `unknown`, hidden (`_name`) or garbage.
fn address(node: &[u8]) -> Option<IpAddr> {
    let node = str::from_utf8(node).ok()?;
    let (address, port) = if let Some(rest) = node.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        (IpAddr::from(address.parse::<Ipv6Addr>().ok()?), port)
    } else if let Ok(address) = node.parse::<Ipv6Addr>() {
        (address.into(), "")
    } else {
        let end = node.find(':').unwrap_or(node.len());
        let (address, port) = node.split_at(end);
        (IpAddr::from(address.parse::<Ipv4Addr>().ok()?), port)
    };
    (port.is_empty() || is_port(port)).then(|| address.to_canonical())
}

/// Whether this is a colon and a port, which can be hidden too.
fn is_port(text: &str) -> bool {
    let hidden = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    match text.strip_prefix(':') {
        Some(port) if port.starts_with('_') => port.len() > 1 && port.bytes().all(hidden),
        Some(port) => port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PEER: &str = "10.0.0.1";

    fn trusted(address: IpAddr) -> bool {
        matches!(address, IpAddr::V4(address) if address.octets()[0] == 10)
            || address == IpAddr::from(Ipv6Addr::LOCALHOST)
    }

    fn client(header: AddressHeader, lines: &[&str]) -> String {
        let lines = lines.iter().map(|line| line.as_bytes());
        client_address(PEER.parse().unwrap(), header, lines, trusted).to_string()
    }

    #[test]
    fn the_client_is_the_first_from_the_right_that_is_no_proxy() {
        let client = |lines: &[&str]| client(AddressHeader::XForwardedFor, lines);
        for (lines, expected) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.9, 192.0.2.1, 10.1.1.1,10.2.2.2"], "192.0.2.1"),
            (&["198.51.100.9", "192.0.2.1", "10.1.1.1"], "192.0.2.1"),
            (&["198.51.100.9, 192.0.2.1", "10.1.1.1 ,, "], "192.0.2.1"),
            (&["10.3.3.3, ::1"], "10.3.3.3"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["[2001:db8::1]:443"], "2001:db8::1"),
            (&["192.0.2.1:443"], "192.0.2.1"),
            (&["::ffff:192.0.2.1"], "192.0.2.1"),
            (&["192.0.2.1, ::ffff:10.1.1.1"], "192.0.2.1"),
            (&[], PEER),
            (&[""], PEER),
        ] {
            assert_eq!(client(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn where_the_client_is_hidden_it_is_as_far_away_as_the_proxy_that_hides_it() {
        let client = |line: &str| client(AddressHeader::XForwardedFor, &[line]);
        for node in [
            "unknown",
            "_hidden",
            "garbage",
            "192.0.2.1.1",
            "192.0.2.256",
            "192.0.2.1:99999",
            "192.0.2.1:",
            "192.0.2.1:-1",
            "[2001:db8::1",
            "[2001:db8::1]x",
            "[192.0.2.1]",
            "fe80::1%eth0",
            "\"192.0.2.1\"",
            "for=192.0.2.1",
        ] {
            let line = format!("198.51.100.9, {node}, 10.2.2.2");
            assert_eq!(client(&line), "10.2.2.2", "{node}");
        }
    }

    #[test]
    fn forwarded_is_read_as_its_rfc_says() {
        let client = |lines: &[&str]| client(AddressHeader::Forwarded, lines);
        for (lines, expected) in [
            (&["for=192.0.2.1"][..], "192.0.2.1"),
            (&["For=\"[2001:db8::1]:4711\""], "2001:db8::1"),
            (&["for=192.0.2.1;proto=http;by=203.0.113.43"], "192.0.2.1"),
            (&["proto=https ; FOR=\"192.0.2.1:_port\"; host=\"a,b;for=10.9.9.9\""], "192.0.2.1"),
            (&["for=198.51.100.9, for=192.0.2.1, for=10.1.1.1"], "192.0.2.1"),
            (&["for=192.0.2.1", "for=10.1.1.1;host=\"a\\\"b, c\""], "192.0.2.1"),
            (&["for=192.0.2.1, for=unknown, for=10.1.1.1"], "10.1.1.1"),
            (&["for=192.0.2.1, for=\"_hidden\", for=10.1.1.1"], "10.1.1.1"),
            (&["for=192.0.2.1, proto=http, for=10.1.1.1"], "10.1.1.1"),
            (&["for=192.0.2.1;for=192.0.2.2, for=10.1.1.1"], "10.1.1.1"),
            (&["for"], PEER),
            (&["192.0.2.1"], PEER),
            // A quote that a client leaves open swallows nothing of what the proxies wrote.
            (&["for=\"198.51.100.9, for=192.0.2.1"], "192.0.2.1"),
            (&["for=\"\\, for=\"[2001:db8::1]\", for=10.1.1.1"], "2001:db8::1"),
        ] {
            assert_eq!(client(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn proxies_in_a_row_are_passed_up_to_a_bound() {
        let hops = format!("192.0.2.1{}", ", 10.1.1.1".repeat(MAX_HOPS));
        assert_eq!(client(AddressHeader::XForwardedFor, &[&hops]), "10.1.1.1");
        let hops = format!("192.0.2.1{}", ", 10.1.1.1".repeat(MAX_HOPS - 1));
        assert_eq!(client(AddressHeader::XForwardedFor, &[&hops]), "192.0.2.1");
    }

    fn headers() -> impl Strategy<Value = AddressHeader> {
        prop_oneof![Just(AddressHeader::XForwardedFor), Just(AddressHeader::Forwarded)]
    }

    /// An address as a proxy writes it.
    fn written(header: AddressHeader, address: IpAddr) -> String {
        match (header, address) {
            (AddressHeader::XForwardedFor, address) => address.to_string(),
            (AddressHeader::Forwarded, IpAddr::V4(address)) => format!("for={address}"),
            (AddressHeader::Forwarded, IpAddr::V6(address)) => format!("for=\"[{address}]\""),
        }
    }

    proptest! {
        #[test]
        fn whatever_a_client_sends_does_not_change_where_it_comes_from(
            header in headers(),
            sent in prop::collection::vec(
                prop_oneof![any::<Vec<u8>>(), "[for=\"\\\\,;:_ 0-9a-f.\\[\\]]{0,40}".prop_map(String::into_bytes)],
                0..4
            ),
            address in any::<IpAddr>().prop_map(|address| address.to_canonical()),
            proxies in prop::collection::vec(any::<[u8; 3]>(), 0..5),
            own_line in any::<bool>(),
        ) {
            prop_assume!(!trusted(address));
            let mut true_part = vec![written(header, address)];
            true_part.extend(proxies.iter().map(|[a, b, c]| written(header, Ipv4Addr::new(10, *a, *b, *c).into())));
            let true_part = true_part.join(", ");
            let mut lines = sent;
            match lines.last_mut() {
                Some(line) if !own_line => line.extend(format!(", {true_part}").into_bytes()),
                _ => lines.push(true_part.into_bytes()),
            }
            let lines = lines.iter().map(Vec::as_slice);
            prop_assert_eq!(client_address(PEER.parse().unwrap(), header, lines, trusted), address);
        }

        #[test]
        fn without_a_trusted_peer_no_header_says_anything(
            header in headers(),
            lines in prop::collection::vec(any::<Vec<u8>>(), 0..4),
            peer in any::<IpAddr>().prop_map(|address| address.to_canonical()),
        ) {
            let lines = lines.iter().map(Vec::as_slice);
            prop_assert_eq!(client_address(peer, header, lines, |_| false), peer);
        }
    }
}
