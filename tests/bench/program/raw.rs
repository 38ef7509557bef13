//! SQLite's baseline: the exact statements of a post, recorded once from the store, repeated by rusqlite alone.
//!
//! No queue, no threads, no savepoints, no types: prepared statements, a `COMMIT` for each batch, `synchronous=FULL`.

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use afterword::{
    model::id::IdGenerator,
    store::{
        Row, StoreError, Tx, Value,
        engine::sqlite::{SqliteTx, open_to_write},
    },
};
use rusqlite::types;
use serde_json::json;

use super::{
    seed::texts,
    store::pages,
    unit::{new, post},
    vocabulary::Dice,
};

type Recorded = (&'static str, Vec<types::Value>);

/// Runs statements and records them.
struct Recorder<'a> {
    tx: SqliteTx<'a>,
    statements: Vec<Recorded>,
}

impl Recorder<'_> {
    fn note(&mut self, sql: &'static str, params: &[Value<'_>]) {
        let owned = params.iter().map(|value| match value {
            Value::Int(n) => types::Value::Integer(*n),
            Value::Text(text) => types::Value::Text((*text).to_owned()),
        });
        self.statements.push((sql, owned.collect()));
    }
}

impl Tx for Recorder<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.note(sql, params);
        self.tx.execute(sql, params)
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.note(sql, params);
        self.tx.query(sql, params, row)
    }
}

/// Prints the number of posts per second.
pub(crate) fn run(folder: &Path, batch: usize, seconds: f64) -> serde_json::Value {
    let connection = open_to_write(&folder.join("afterword.db")).expect("the database");
    let (ids, mut dice) = (IdGenerator::starting_at(128), Dice(std::process::id().into()));
    let (texts, pages) = (texts(&mut dice, 2_000), pages(folder));
    let (mut count, mut spent) = (0_usize, Duration::ZERO);
    while spent.as_secs_f64() < seconds {
        // Record some batches in a transaction that is rolled back …
        let mut recorder = Recorder {
            tx: SqliteTx(&connection),
            statements: Vec::new(),
        };
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .expect("a transaction");
        let (mut batches, least) = (Vec::new(), (2_000 / batch.max(1)).max(1));
        for _ in 0..least {
            for _ in 0..batch {
                let page = format!("/posts/{}/", dice.below(pages));
                post(&mut recorder, &ids, &new(&mut dice, &texts, &page)).expect("a post");
            }
            batches.push(std::mem::take(&mut recorder.statements));
        }
        connection.execute_batch("ROLLBACK").expect("a rollback");
        // … and run them with commits.
        let mut prepared: HashMap<*const u8, rusqlite::Statement<'_>> = HashMap::new();
        let began = Instant::now();
        for recorded in &batches {
            connection
                .execute_batch("BEGIN IMMEDIATE")
                .expect("a transaction");
            for (sql, params) in recorded {
                let statement = prepared
                    .entry(sql.as_ptr())
                    .or_insert_with(|| connection.prepare(sql).expect("a statement"));
                let mut rows = statement
                    .query(rusqlite::params_from_iter(params))
                    .expect("a statement that runs");
                while rows.next().expect("a row").is_some() {}
            }
            connection.execute_batch("COMMIT").expect("a commit");
            count += batch;
        }
        spent += began.elapsed();
    }
    json!({"rate": count as f64 / spent.as_secs_f64(), "batch": batch})
}
