//! What follows a commit: the events that a unit of work emitted go to listeners in this process.
//!
//! A unit's events are kept beside it. A unit that is refused, rolled back or run again leaves none of the lost try.
//! Listeners are called on the engine's thread once the commit is done and before the caller hears of it, so whoever
//! got an answer finds its effect; that the caller went away changes nothing.

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

/// What a committed unit of work changed.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its events, in the order of [`Tx::emit`].
    pub events: Vec<Event>,
    /// The threads that they name, each once.
    pub threads: Vec<ChangedThread>,
    /// How many statements the unit ran.
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

/// Is called after a commit. Must be quick: the engine waits for it.
pub(super) type Listener = dyn Fn(&Committed) + Send + Sync;

/// Whoever hears of commits.
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

    /// Calls every listener. One that panics is told to the log; the engine and the other listeners go on.
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

    /// What is to be told once the unit is committed; none where it emitted nothing. Runs in the unit's transaction,
    /// as its last statements.
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
