//! Consumers of events outside the database, and the rows of the table `outbox` that are written for them.
//!
//! Rows are written in the unit of work of the act, as its last statements: both are committed, or neither. Events that
//! no consumer takes cost no statement.

use std::sync::{PoisonError, RwLock};

use crate::{
    model::{
        event::{Event, EventKind},
        id::IdGenerator,
        time::Clock,
    },
    store::{StoreError, Tx, tables::outbox},
};

/// A part that acts on events after their commit, even after a restart, such as mail or webhooks.
#[derive(Clone, Copy, Debug)]
pub struct Consumer {
    /// The value of the column `kind` in its rows.
    pub name: &'static str,
    /// The kinds of events that it takes.
    pub events: &'static [EventKind],
}

/// The consumers of a store.
#[derive(Default)]
pub(super) struct Consumers {
    registered: RwLock<Vec<(Consumer, Clock)>>,
    ids: IdGenerator,
}

impl Consumers {
    /// Adds a consumer, or replaces the one of the same name.
    pub(super) fn register(&self, consumer: Consumer, clock: Clock) {
        let mut registered = self.registered.write().unwrap_or_else(PoisonError::into_inner);
        registered.retain(|(other, _)| other.name != consumer.name);
        registered.push((consumer, clock));
    }

    /// Writes a row for each event and each consumer that takes its kind, in the order of the events.
    ///
    /// # Errors
    /// Those of the statements.
    pub(super) fn write_rows(&self, tx: &mut dyn Tx, events: &[Event]) -> Result<(), StoreError> {
        // Copied out, so that no lock is held while the database works.
        let registered = self
            .registered
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if registered.is_empty() {
            return Ok(());
        }
        for event in events {
            let Some(kind) = event.kind() else { continue };
            for (consumer, clock) in &registered {
                if !consumer.events.contains(&kind) {
                    continue;
                }
                let now = clock.now();
                // Another node may have generated the same id.
                while !outbox::add(tx, self.ids.next(now, 0), consumer.name, event, kind, now)? {
                    self.ids.leap();
                }
            }
        }
        Ok(())
    }
}
