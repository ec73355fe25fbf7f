//! What is told to all who ask for the same.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::body::Bytes;
use roaring::RoaringTreemap;
use tokio::sync::watch;

use super::Query;
use super::batch::Changes;
use crate::gateway::Gateway;
use crate::registry::Number;

/// Batches that are kept for those who are slower: of the last ten seconds.
const MAX_BATCHES: usize = 40;
/// Bytes of batches that are kept for those who are slower. The latest is kept whatever its size.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The batches of one query.
#[derive(Debug)]
pub struct Topic {
    pub query: Query,
    listed: Mutex<Listed>,
    kept: Mutex<Kept>,
    /// The number of the next batch.
    next: watch::Sender<u64>,
}

/// The latest batches.
#[derive(Debug, Default)]
struct Kept {
    batches: VecDeque<Bytes>,
    bytes: usize,
}

/// What a topic can tell of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The batch itself.
    Batch(Bytes),
    /// It is still to come.
    NotYet,
    /// It is not kept any more.
    Missed,
}

impl Topic {
    /// A topic of which nothing is told yet. `matching` are the sessions that pass the filter now.
    pub fn new(query: Query, matching: Option<RoaringTreemap>) -> Self {
        let listed = Mutex::new(Listed(matching));
        Self { query, listed, kept: Mutex::default(), next: watch::Sender::new(0) }
    }

    /// Tells what has changed, and first what else is new.
    pub fn tell(&self, gateway: &Gateway, changes: &Changes, other: &[u8]) {
        let mut batch = other.to_vec();
        let mut listed = lock(&self.listed);
        batch.extend(changes.write(gateway, &self.query, &mut listed));
        if !batch.is_empty() {
            let mut kept = lock(&self.kept);
            kept.add(batch.into());
            self.next.send_modify(|next| *next += 1);
        }
    }

    /// Makes everybody take the list anew.
    pub fn restart(&self, gateway: &Gateway) {
        *lock(&self.listed) = Listed(gateway.registry().matching(&self.query.filter));
        let mut kept = lock(&self.kept);
        *kept = Kept::default();
        // One that nobody can have.
        self.next.send_modify(|next| *next += 1);
    }

    /// Wakes whoever waits for a batch; holds the number of the next.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.next.subscribe()
    }

    /// The batch of this number.
    pub fn batch(&self, number: u64) -> Next {
        let kept = lock(&self.kept);
        let behind = self.next.borrow().saturating_sub(number);
        if behind == 0 {
            return Next::NotYet;
        }
        let index = usize::try_from(behind).ok().and_then(|n| kept.batches.len().checked_sub(n));
        match index.and_then(|index| kept.batches.get(index)) {
            Some(batch) => Next::Batch(batch.clone()),
            None => Next::Missed,
        }
    }
}

/// What a panic leaves is at worst a batch that is not told.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    fn add(&mut self, batch: Bytes) {
        self.bytes += batch.len();
        self.batches.push_back(batch);
        while self.batches.len() > MAX_BATCHES || (self.bytes > MAX_BYTES && self.batches.len() > 1)
        {
            self.bytes -= self.batches.pop_front().map_or(0, |batch| batch.len());
        }
    }
}

/// The sessions that may have been told of, to tell of none that is gone and never was there. Without a filter
/// all may have been.
#[derive(Debug)]
pub struct Listed(Option<RoaringTreemap>);

impl Listed {
    pub fn insert(&mut self, number: Number) {
        if let Some(numbers) = &mut self.0 {
            numbers.insert(number.get());
        }
    }

    /// Whether the session was among them.
    pub fn remove(&mut self, number: Number) -> bool {
        self.0.as_mut().is_none_or(|numbers| numbers.remove(number.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept_of(sizes: &[usize]) -> Vec<usize> {
        let mut kept = Kept::default();
        for size in sizes {
            kept.add(vec![0; *size].into());
        }
        let sizes: Vec<_> = kept.batches.iter().map(Bytes::len).collect();
        assert_eq!(kept.bytes, sizes.iter().sum::<usize>());
        sizes
    }

    #[test]
    fn so_many_batches_are_kept_and_so_many_bytes_but_always_the_latest() {
        assert_eq!(kept_of(&[1; MAX_BATCHES + 1]), [1; MAX_BATCHES]);
        assert_eq!(kept_of(&[1, MAX_BYTES, 2]), [2]);
        assert_eq!(kept_of(&[1, 2, 2 * MAX_BYTES]), [2 * MAX_BYTES]);
        assert_eq!(kept_of(&[MAX_BYTES, MAX_BYTES - 2, 1, 1]), [MAX_BYTES - 2, 1, 1]);
    }
}
