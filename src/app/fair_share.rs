//! Shares of bounded resources per client. The only place that defines them.
//!
//! A client is a [`Network`] and the IPv6 prefixes around it.
//! - Rates: a prefix has as many [`allowances`] of one address.
//! - Held resources (connections, requests behind a proxy, live readers, writers): a [`Pool`], where a client may
//!   hold a fixed fraction of the free permits. However many clients take all that they may, the next one gets its
//!   fraction of the rest (dynamic thresholds, Choudhury and Hahne 1998).
//! - Work that takes turns (exports, password hashes): a [`FairQueue`], where each client has one place in the queue.

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

/// The rate of a prefix as a multiple of the rate of one address.
#[must_use]
pub const fn allowances(width: PrefixWidth) -> u32 {
    match width {
        PrefixWidth::Network => 1,
        PrefixWidth::Slash56 => 2,
        PrefixWidth::Slash48 => 4,
    }
}

/// The number of free permits divided by this is the maximum that a prefix may hold.
const fn divisor(width: PrefixWidth) -> usize {
    match width {
        PrefixWidth::Network => 4,
        PrefixWidth::Slash56 => 3,
        PrefixWidth::Slash48 => 2,
    }
}

/// The number of permits that a prefix may hold while any is free. A pool that is too small for shares is not shared
/// out.
fn guaranteed_share(total: usize) -> usize {
    if total < 16 {
        total
    } else {
        (total / 64).clamp(1, 8)
    }
}

/// Permits that are shared out among clients. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total: usize,
    max_per_network: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by: HashMap<Prefix, usize>,
}

/// The reason why there is no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolRefusal {
    /// The client holds its share.
    Share,
    /// No permit is free.
    Full,
}

/// A permit of a [`Pool`]. It is given back when it is dropped.
#[derive(Debug)]
pub struct PoolPermit {
    pool: Pool,
    network: Option<Network>,
}

impl Pool {
    /// A pool of `total` permits. A network holds at most `max_per_network` of them, and a prefix that times its
    /// [`allowances`].
    #[must_use]
    pub fn new(total: usize, max_per_network: usize) -> Self {
        Self(Arc::new(Inner {
            total,
            max_per_network,
            held: Mutex::default(),
        }))
    }

    /// Takes a permit for a client.
    ///
    /// # Errors
    /// The client holds its share, or no permit is free.
    pub fn take(&self, network: Network) -> Result<PoolPermit, PoolRefusal> {
        let mut held = self.lock();
        let free = self.0.total.saturating_sub(held.all);
        if free == 0 {
            return Err(PoolRefusal::Full);
        }
        let may_hold = |width| {
            let max = self.0.max_per_network.saturating_mul(allowances(width) as usize);
            (free / divisor(width))
                .max(guaranteed_share(self.0.total))
                .min(max)
        };
        let holds = |prefix: &Prefix| held.by.get(prefix).copied().unwrap_or(0);
        if network
            .prefixes()
            .any(|prefix| holds(&prefix) >= may_hold(prefix.width()))
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

    /// Takes a permit for a trusted proxy, which forwards for many clients and has no share.
    ///
    /// # Errors
    /// No permit is free.
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

    /// The number of permits that are held.
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

/// A queue for work with a maximum number of runs at once. A client (IPv6: a /48) has one run, and one place in the
/// queue: its other requests wait behind that place and not before those of other clients.
#[derive(Debug)]
pub struct FairQueue {
    slots: Arc<Semaphore>,
    wait_timeout: Duration,
    clients: Mutex<HashMap<Prefix, Weak<Semaphore>>>,
}

/// A slot of a [`FairQueue`]. It is given back when it is dropped.
#[derive(Debug)]
pub struct QueuePermit {
    /// The slot.
    pub slot: OwnedSemaphorePermit,
    /// The client's place. While it is held, the client gets no other slot.
    pub client: OwnedSemaphorePermit,
}

impl FairQueue {
    /// A queue for `slots` runs at once, where a request waits for at most `wait_timeout`.
    #[must_use]
    pub fn new(slots: usize, wait_timeout: Duration) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            wait_timeout,
            clients: Mutex::default(),
        }
    }

    /// Waits for a slot; none if there is none in time.
    pub async fn take(&self, network: Network) -> Option<QueuePermit> {
        let place = self.place(network.widest());
        timeout(self.wait_timeout, async {
            let client = place.acquire_owned().await.ok()?;
            let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
            Some(QueuePermit { slot, client })
        })
        .await
        .ok()?
    }

    /// The number of free slots.
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

    /// Takes all permits that these networks get, in rounds, as an attacker does.
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
    fn however_many_networks_take_all_they_may_the_next_gets_a_permit() {
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
    fn a_share_is_given_back_and_one_address_has_its_maximum() {
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
    fn a_small_pool_is_not_shared_out() {
        let pool = Pool::new(3, usize::MAX);
        let shares = greedy(&pool, &[network("192.0.2.1")]);
        assert_eq!(shares.len(), 3);
        assert_eq!(pool.take(network("192.0.2.2")).unwrap_err(), PoolRefusal::Full);
        assert_eq!(pool.take_for_proxy().unwrap_err(), PoolRefusal::Full);
    }

    #[tokio::test]
    async fn each_client_has_one_slot_and_one_place_in_the_queue() {
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
        // The slot can be given back before the place.
        let QueuePermit { slot, client } = first;
        drop(slot);
        assert_eq!(turns.free(), 2);
        assert!(turns.take(network("2001:db8:1:2::1")).await.is_none());
        drop(client);
        assert!(turns.take(network("2001:db8:1:2::1")).await.is_some());
    }

    #[tokio::test]
    async fn many_requests_of_one_client_do_not_fill_the_queue() {
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
