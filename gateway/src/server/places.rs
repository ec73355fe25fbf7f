//! How many connections there are, in all and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::metrics::gauge::Gauge;

use crate::address_block::AddressBlock;
use crate::limits::Limits;
use crate::proxy::Proxies;

/// The places for connections. Trusted proxies, behind which everybody is, may take them all.
#[derive(Debug)]
pub struct Places {
    all: usize,
    of_one_address: usize,
    proxies: Proxies,
    /// How many are taken, for others to see.
    shown: Gauge,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<AddressBlock, usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// There are as many connections as there can be ([`Limits::connections`]).
    All,
    /// The address has as many as it can have ([`Limits::connections_per_address`]).
    Address,
}

/// A place that a connection has taken. It is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    block: AddressBlock,
}

impl Places {
    /// As many places as the limits say, all free. `shown` shows how many are taken.
    pub fn new(limits: &Limits, proxies: Proxies, shown: Gauge) -> Arc<Self> {
        Arc::new(Self {
            all: limits.connections,
            of_one_address: limits.connections_per_address,
            proxies,
            shown,
            taken: Mutex::default(),
        })
    }

    /// Takes a place for a connection from this address.
    ///
    /// # Errors
    /// There is none.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let mut taken = self.taken();
        if taken.all >= self.all {
            return Err(Full::All);
        }
        let block = AddressBlock::from(address);
        let of_address = taken.by_address.get(&block).copied().unwrap_or_default();
        if of_address >= self.of_one_address && !self.proxies.trusts(address) {
            return Err(Full::Address);
        }
        taken.all += 1;
        self.shown.inc();
        taken.by_address.insert(block, of_address + 1);
        Ok(Place { places: Arc::clone(self), block })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // The counts are whole between two of its calls.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        self.places.shown.dec();
        if let Some(of_address) = taken.by_address.get_mut(&self.block) {
            *of_address -= 1;
            if *of_address == 0 {
                taken.by_address.remove(&self.block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    fn places(connections: usize, connections_per_address: usize) -> Arc<Places> {
        let limits = Limits { connections, connections_per_address, ..Limits::default() };
        let line = ["session-gateway", "--trusted-proxy", &address(1).to_string()];
        Places::new(&limits, Settings::read(line).unwrap().proxies, Gauge::default())
    }

    #[test]
    fn one_address_does_not_take_the_place_of_another() {
        let places = places(4, 2);
        let held = [places.take(address(2)).unwrap(), places.take(address(2)).unwrap()];
        assert_eq!(places.take(address(2)).unwrap_err(), Full::Address);
        let _others = [places.take(address(3)).unwrap(), places.take(address(4)).unwrap()];
        assert_eq!(places.take(address(5)).unwrap_err(), Full::All);
        drop(held);
        assert!(places.take(address(2)).is_ok());
    }

    #[test]
    fn an_ipv6_network_of_one_customer_counts_as_one_address() {
        let places = places(4, 2);
        let v6 = |network, host| IpAddr::from([0x2001, 0xdb8, 0, network, 0, 0, 0, host]);
        let _held = [places.take(v6(1, 1)).unwrap(), places.take(v6(1, 2)).unwrap()];
        assert_eq!(places.take(v6(1, 3)).unwrap_err(), Full::Address);
        assert!(places.take(v6(2, 1)).is_ok());
    }

    #[test]
    fn a_trusted_proxy_may_take_them_all() {
        let places = places(4, 1);
        let held: Vec<_> = (0..4).map(|_| places.take(address(1)).unwrap()).collect();
        assert_eq!(places.take(address(1)).unwrap_err(), Full::All);
        drop(held);
        assert!(places.taken().by_address.is_empty());
        assert_eq!(places.taken().all, 0);
    }
}
