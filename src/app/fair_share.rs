//! What share of a bounded resource one client may have. The only place that says so.
//!
//! A client is a [`Network`] and the IPv6 prefixes around it. Rates: [`allowances`] of an address. Things that are held
//! at once (connections, requests behind a proxy, live readers, writers): a [`Pool`], where a client may have a fixed
//! fraction of what is free. So a pool never ends, however many clients take all that they may: the next one finds its
//! fraction of the rest (dynamic thresholds, Choudhury and Hahne 1998). Work that takes turns (exports, password
//! hashes): [`FairQueue`], where each client has one place in the queue.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::model::network::{Network, Prefix, PrefixWidth};

/// What a prefix may do, in allowances of one address.
#[must_use]
pub const fn allowances(width: PrefixWidth) -> u32 {
    match width {
        PrefixWidth::Network => 1,
        PrefixWidth::Slash56 => 2,
        PrefixWidth::Slash48 => 4,
    }
}

/// A prefix may hold what is free divided by this.
const fn divisor(width: PrefixWidth) -> usize {
    match width {
        PrefixWidth::Network => 4,
        PrefixWidth::Slash56 => 3,
        PrefixWidth::Slash48 => 2,
    }
}

/// What a prefix may hold of so many places while there is anything free, however little. So few places that nobody
/// could have a share of them are for whoever is there.
fn guaranteed_share(total: usize) -> usize {
    if total < 16 {
        total
    } else {
        (total / 64).clamp(1, 8)
    }
}

/// Places that are shared out among clients. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total: usize,
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by: HashMap<Prefix, usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolRefusal {
    /// The client has its share.
    Share,
    /// Nothing is free.
    Full,
}

/// A place that is held; given back when it is dropped.
#[derive(Debug)]
pub struct PoolPermit {
    pool: Pool,
    network: Option<Network>,
}

impl Pool {
    /// So many places; one network never holds more than `most` of them, a prefix as many more as its [`allowances`].
    #[must_use]
    pub fn new(total: usize, most: usize) -> Self {
        Self(Arc::new(Inner {
            total,
            most,
            held: Mutex::default(),
        }))
    }

    /// A place for a client.
    pub fn take(&self, network: Network) -> Result<PoolPermit, PoolRefusal> {
        let mut held = self.lock();
        let free = self.0.total.saturating_sub(held.all);
        if free == 0 {
            return Err(PoolRefusal::Full);
        }
        let may = |width| {
            let most = self.0.most.saturating_mul(allowances(width) as usize);
            (free / divisor(width))
                .max(guaranteed_share(self.0.total))
                .min(most)
        };
        let has = |prefix: &Prefix| held.by.get(prefix).copied().unwrap_or(0);
        if network
            .prefixes()
            .any(|prefix| has(&prefix) >= may(prefix.width()))
        {
            return Err(PoolRefusal::Share);
        }
        for prefix in network.prefixes() {
            *held.by.entry(prefix).or_insert(0) += 1;
        }
        held.all += 1;
        drop(held);
        Ok(PoolPermit {
            pool: self.clone(),
            network: Some(network),
        })
    }

    /// A place for a trusted proxy, which speaks for many and has no share of its own.
    pub fn take_for_proxy(&self) -> Result<PoolPermit, PoolRefusal> {
        let mut held = self.lock();
        if held.all >= self.0.total {
            return Err(PoolRefusal::Full);
        }
        held.all += 1;
        drop(held);
        Ok(PoolPermit {
            pool: self.clone(),
            network: None,
        })
    }

    /// Places that are taken.
    #[must_use]
    pub fn held(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PoolPermit {
    fn drop(&mut self) {
        let mut held = self.pool.lock();
        held.all = held.all.saturating_sub(1);
        for prefix in self.network.iter().flat_map(|network| network.prefixes()) {
            if let Some(count) = held.by.get_mut(&prefix) {
                *count -= 1;
                if *count == 0 {
                    held.by.remove(&prefix);
                }
            }
        }
    }
}

/// Work that only so many do at once. A client (IPv6: a /48) has one turn, and one place in the queue: its other
/// requests wait behind that one and not before those of others.
#[derive(Debug)]
pub struct FairQueue {
    slots: Arc<Semaphore>,
    patience: Duration,
    clients: Mutex<HashMap<Prefix, Weak<Semaphore>>>,
}

/// A turn; given back when it is dropped.
#[derive(Debug)]
pub struct QueuePermit {
    /// What the work is done with.
    pub slot: OwnedSemaphorePermit,
    /// The client's place; while it is held, the client gets no other turn.
    pub client: OwnedSemaphorePermit,
}

impl FairQueue {
    /// So many at once; whoever comes waits for `patience`.
    #[must_use]
    pub fn new(slots: usize, patience: Duration) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            patience,
            clients: Mutex::default(),
        }
    }

    /// The client's turn; none when it does not come in time.
    pub async fn take(&self, network: Network) -> Option<QueuePermit> {
        let place = self.place(network.widest());
        timeout(self.patience, async {
            let client = place.acquire_owned().await.ok()?;
            let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
            Some(QueuePermit { slot, client })
        })
        .await
        .ok()?
    }

    /// Slots that nobody works with.
    #[must_use]
    pub fn free(&self) -> usize {
        self.slots.available_permits()
    }

    fn place(&self, prefix: Prefix) -> Arc<Semaphore> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = clients.get(&prefix).and_then(Weak::upgrade) {
            return place;
        }
        clients.retain(|_, place| place.strong_count() > 0);
        let place = Arc::new(Semaphore::new(1));
        clients.insert(prefix, Arc::downgrade(&place));
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    /// Takes all that these networks get, in rounds, as an attacker does.
    fn greedy(pool: &Pool, networks: &[Network]) -> Vec<PoolPermit> {
        let mut shares = Vec::new();
        loop {
            let before = shares.len();
            shares.extend(networks.iter().filter_map(|network| pool.take(*network).ok()));
            if shares.len() == before {
                return shares;
            }
        }
    }

    #[test]
    fn however_many_networks_take_all_they_may_the_next_finds_a_place() {
        for (what, networks) in [
            ("one /64", vec![network("2001:db8::1")]),
            (
                "25 /64s of one /56",
                (0..25)
                    .map(|n| network(&format!("2001:db8:1:{n:x}::1")))
                    .collect(),
            ),
            (
                "1,000 /64s of one /48",
                (0..1_000)
                    .map(|n| network(&format!("2001:db8:1:{:x}::1", n * 64)))
                    .collect(),
            ),
            (
                "52 /64s of as many /48s",
                (0..52).map(|n| network(&format!("2001:db8:{n:x}::1"))).collect(),
            ),
            (
                "52 IPv4 addresses",
                (0..52).map(|n| network(&format!("203.0.113.{n}"))).collect(),
            ),
            (
                "500 /48s",
                (0..500).map(|n| network(&format!("2001:db8:{n:x}::1"))).collect(),
            ),
        ] {
            let pool = Pool::new(5_000, usize::MAX);
            let shares = greedy(&pool, &networks);
            for n in 0..5 {
                let reader = pool.take(network(&format!("198.51.100.{n}")));
                assert!(reader.is_ok(), "{what} took {} of 5,000", shares.len());
            }
            assert!(shares.len() >= 1_000, "{what} got {}", shares.len());
            drop(shares);
            assert_eq!(pool.held(), 0);
            assert!(pool.lock().by.is_empty(), "nothing is left behind");
            for total in [20, 50, 100, 256, 400] {
                let pool = Pool::new(total, usize::MAX);
                let _shares = greedy(
                    &pool,
                    &networks[..networks.len().min(total / 2 / guaranteed_share(total))],
                );
                assert!(pool.take(network("198.51.100.1")).is_ok(), "{what} took {total}");
            }
        }
    }

    #[test]
    fn a_share_is_given_back_and_one_address_has_its_most() {
        let pool = Pool::new(1_000, 2);
        let mapped = network("::ffff:192.0.2.1");
        let (first, second) = (pool.take(network("192.0.2.1")), pool.take(mapped));
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(
            pool.take(mapped).unwrap_err(),
            PoolRefusal::Share,
            "the same client"
        );
        assert!(pool.take(network("192.0.2.2")).is_ok(), "another");
        drop(first);
        assert!(pool.take(mapped).is_ok());
    }

    #[test]
    fn a_small_pool_is_for_whoever_is_there() {
        let pool = Pool::new(3, usize::MAX);
        let shares = greedy(&pool, &[network("192.0.2.1")]);
        assert_eq!(shares.len(), 3);
        assert_eq!(pool.take(network("192.0.2.2")).unwrap_err(), PoolRefusal::Full);
        assert_eq!(pool.take_for_proxy().unwrap_err(), PoolRefusal::Full);
    }

    #[tokio::test]
    async fn each_client_has_one_turn_and_one_place_in_the_queue() {
        let turns = FairQueue::new(2, Duration::from_millis(50));
        let first = turns.take(network("2001:db8:1:1::1")).await.unwrap();
        assert!(
            turns.take(network("2001:db8:1:2::1")).await.is_none(),
            "the same /48"
        );
        let other = turns.take(network("2001:db8:2::1")).await.unwrap();
        assert!(
            turns.take(network("2001:db8:3::1")).await.is_none(),
            "both slots are taken"
        );
        drop(other);
        assert!(turns.take(network("2001:db8:3::1")).await.is_some());
        // The slot may go before the client's place does.
        let QueuePermit { slot, client } = first;
        drop(slot);
        assert_eq!(turns.free(), 2);
        assert!(turns.take(network("2001:db8:1:2::1")).await.is_none());
        drop(client);
        assert!(turns.take(network("2001:db8:1:2::1")).await.is_some());
    }

    #[tokio::test]
    async fn a_crowd_of_one_client_does_not_fill_the_queue() {
        let turns = Arc::new(FairQueue::new(1, Duration::from_secs(2)));
        let held = turns.take(network("192.0.2.9")).await.unwrap();
        let crowd: Vec<_> = (0..500)
            .map(|_| {
                let turns = Arc::clone(&turns);
                tokio::spawn(async move {
                    let turn = turns.take(network("203.0.113.1")).await;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    drop(turn);
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let waiting = Arc::clone(&turns);
        let reader = tokio::spawn(async move { waiting.take(network("198.51.100.1")).await.is_some() });
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(held);
        assert!(
            timeout(Duration::from_millis(500), reader)
                .await
                .unwrap()
                .unwrap()
        );
        crowd.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
