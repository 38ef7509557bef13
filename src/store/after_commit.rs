//! Delivers the events of a unit of work to listeners in this process, after its commit.
//!
//! The events are collected beside the transaction. A unit that is refused or rolled back has none, and one that runs
//! again has those of its last attempt. Listeners are called on the engine's thread after the commit and before the
//! caller gets its result, so that the effects are there when the caller continues. They are called even if the caller
//! is gone.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    model::{
        event::Event,
        id::{SiteId, ThreadId},
    },
    store::{Row, StoreError, Tx, Value, consumers::Consumers, tables::threads},
};

/// The changes of a committed unit of work.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its events, in the order of [`Tx::emit`].
    pub events: Vec<Event>,
    /// The threads that the events name, each once.
    pub threads: Vec<ChangedThread>,
    /// Number of statements that the unit ran.
    pub statements: u64,
}

/// A thread that an event names.
#[derive(Clone, Debug)]
pub struct ChangedThread {
    /// Its site.
    pub site: SiteId,
    /// Its id.
    pub id: ThreadId,
    /// The keys by which pages find it, as of the commit.
    pub keys: Vec<String>,
}

/// A function that is called after a commit. The engine waits for it.
pub(super) type Listener = dyn Fn(&Committed) + Send + Sync;

/// Listeners in this process, and consumers that read the outbox.
#[derive(Default)]
pub(super) struct Subscribers {
    listeners: RwLock<Vec<Arc<Listener>>>,
    pub(super) consumers: Consumers,
}

impl Subscribers {
    pub(super) fn add_listener(&self, listener: Arc<Listener>) {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.push(listener);
    }

    /// Calls every listener. If one panics, that is logged, and the other listeners are called.
    pub(super) fn notify(&self, committed: &Committed) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
        for listener in listeners.iter() {
            if catch_unwind(AssertUnwindSafe(|| listener(committed))).is_err() {
                tracing::error!("a listener panicked after a commit; what follows from it may be late");
            }
        }
    }
}

/// The transaction of a unit that writes, with the events that the unit emits.
pub(super) struct UnitTx<'a> {
    tx: &'a mut dyn Tx,
    events: Vec<Event>,
    statements: u64,
}

impl<'a> UnitTx<'a> {
    pub(super) fn new(tx: &'a mut dyn Tx) -> Self {
        Self {
            tx,
            events: Vec::new(),
            statements: 0,
        }
    }

    /// Returns the events with the keys of the threads that they name, for the listeners; none if there are no events.
    /// Runs the last statements of the unit's transaction: these lookups, and the rows of the outbox.
    ///
    /// # Errors
    /// Those of the statements.
    pub(super) fn finish(mut self, consumers: &Consumers) -> Result<Option<Committed>, StoreError> {
        let events = std::mem::take(&mut self.events);
        if events.is_empty() {
            return Ok(None);
        }
        consumers.write_rows(&mut self, &events)?;
        let named: BTreeSet<(SiteId, ThreadId)> = events
            .iter()
            .filter_map(|event| Some((event.site, event.thread?)))
            .collect();
        let mut changed = Vec::with_capacity(named.len());
        for (site, id) in named {
            let keys = threads::keys(&mut self, site, id)?;
            changed.push(ChangedThread { site, id, keys });
        }
        Ok(Some(Committed {
            events,
            threads: changed,
            statements: self.statements,
        }))
    }
}

impl Tx for UnitTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.statements += 1;
        self.tx.execute(sql, params)
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.statements += 1;
        self.tx.query(sql, params, row)
    }

    fn emit(&mut self, event: Event) {
        self.events.push(event);
    }
}
