//! What is known of the addresses that reports come from: how many open sessions each has, and how many
//! reports it has sent that are not those of its open sessions.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::rate::{Drawn, Rate};
use super::time::Time;
use crate::address_block::AddressBlock;

/// Addresses without an open session that are told apart. Past it those that are not known yet share one
/// rate, so that what addresses anybody can make up takes nothing from those that have sessions.
const MAX_STRANGERS: usize = 65_536;
/// How often the strangers that have recovered are looked for, in milliseconds: that looks at all.
const SWEEP_EVERY_MS: u64 = 1_000;

/// An address with open sessions.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    sessions: usize,
    drawn: Drawn,
}

/// All addresses that have open sessions, and others as long as their rate has not recovered.
#[derive(Debug)]
pub(super) struct Addresses {
    rate: Rate,
    known: HashMap<AddressBlock, Known>,
    strangers: HashMap<AddressBlock, Drawn>,
    /// What those have drawn together that there is no room for among the strangers.
    others: Drawn,
    swept: Time,
}

impl Addresses {
    pub(super) fn new(reports_per_second: usize) -> Self {
        Self {
            rate: Rate::per_second(reports_per_second),
            known: HashMap::new(),
            strangers: HashMap::new(),
            others: Drawn::default(),
            swept: Time::default(),
        }
    }

    /// How many open sessions the address has.
    pub(super) fn sessions(&self, address: IpAddr) -> usize {
        self.known.get(&AddressBlock::from(address)).map_or(0, |known| known.sessions)
    }

    /// Counts one report against the address.
    ///
    /// # Errors
    /// How long to wait, where there were too many.
    pub(super) fn charge(&mut self, address: IpAddr, now: Time) -> Result<(), Duration> {
        let block = AddressBlock::from(address);
        let drawn = match self.known.get_mut(&block) {
            Some(known) => &mut known.drawn,
            None => {
                if self.strangers.len() >= MAX_STRANGERS && !self.strangers.contains_key(&block) {
                    self.sweep(now);
                }
                if self.strangers.len() < MAX_STRANGERS {
                    self.strangers.entry(block).or_default()
                } else {
                    self.strangers.get_mut(&block).unwrap_or(&mut self.others)
                }
            }
        };
        self.rate.draw(drawn, now)
    }

    /// One more session of this address is open.
    pub(super) fn enter(&mut self, address: IpAddr) {
        let block = AddressBlock::from(address);
        let known = self.known.entry(block).or_insert_with(|| Known {
            sessions: 0,
            drawn: self.strangers.remove(&block).unwrap_or_default(),
        });
        known.sessions += 1;
    }

    /// One session of this address is not open any more.
    pub(super) fn leave(&mut self, address: IpAddr, now: Time) {
        let block = AddressBlock::from(address);
        let Some(known) = self.known.get_mut(&block) else { return };
        known.sessions -= 1;
        if known.sessions == 0 {
            let drawn = known.drawn;
            self.known.remove(&block);
            if !drawn.is_over(now) && self.strangers.len() < MAX_STRANGERS {
                self.strangers.insert(block, drawn);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        self.known.len()
    }

    fn sweep(&mut self, now: Time) {
        if now.millis_since(self.swept) >= SWEEP_EVERY_MS {
            self.swept = now;
            self.strangers.retain(|_, drawn| !drawn.is_over(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const NOW: Time = Time::from_millis(1_000_000);

    fn nth(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(n).into()
    }

    fn charged(addresses: &mut Addresses, address: IpAddr) -> usize {
        (0..1_000).take_while(|_| addresses.charge(address, NOW).is_ok()).count()
    }

    #[test]
    fn an_ipv6_network_of_one_customer_counts_as_one_address() {
        let v6 = |host| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 0, 0, 0, host));
        let mut addresses = Addresses::new(1);
        assert_eq!(charged(&mut addresses, v6(1)), 10);
        assert_eq!(charged(&mut addresses, v6(2)), 0);
        addresses.enter(v6(3));
        assert_eq!((addresses.sessions(v6(4)), charged(&mut addresses, v6(4))), (1, 0));
        let in_disguise = IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped());
        addresses.enter(in_disguise);
        assert_eq!(addresses.sessions(Ipv4Addr::LOCALHOST.into()), 1);
    }

    #[test]
    fn what_was_drawn_is_not_forgotten_when_the_last_session_leaves() {
        let mut addresses = Addresses::new(1);
        addresses.enter(nth(1));
        assert_eq!(charged(&mut addresses, nth(1)), 10);
        addresses.leave(nth(1), NOW);
        assert_eq!((addresses.sessions(nth(1)), charged(&mut addresses, nth(1))), (0, 0));
    }

    #[test]
    fn made_up_addresses_are_bounded_and_take_nothing_from_those_that_are_known() {
        let mut addresses = Addresses::new(1);
        addresses.enter(nth(1));
        for n in 0..100_000 {
            let _ = addresses.charge(nth(1_000 + n), NOW);
        }
        assert_eq!(addresses.strangers.len(), MAX_STRANGERS);
        assert_eq!(charged(&mut addresses, nth(999)), 0);
        assert_eq!(charged(&mut addresses, nth(1_000)), 9);
        assert_eq!(charged(&mut addresses, nth(1)), 10);
        let later = NOW.plus_millis(60_000);
        assert_eq!(addresses.charge(nth(999), later), Ok(()));
        assert_eq!(addresses.strangers.len(), 1);
    }
}
