//! How to open a database.

use std::time::Duration;

/// How to open a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections that read (SQLite), or connections in all: half of them read, half write (PostgreSQL).
    pub connections: usize,
    /// Units that may wait before the next is refused with [`crate::store::StoreError::Busy`].
    pub queue: usize,
    /// PostgreSQL only: a file of CA certificates in PEM; none: the usual roots.
    pub ca_file: Option<std::path::PathBuf>,
    /// Whether a database of an older schema may be migrated. An empty one is always given its tables.
    pub migrate: Migrate,
    /// SQLite only: in the first pause after so long its log is emptied, in which text that was erased may still stand.
    pub log_emptied_after: Duration,
}

/// Who may migrate a database of an older schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Whoever opens it: the server, which holds the lock.
    Always,
    /// A command, where no server uses the database: SQLite's lock tells. Which nodes use a PostgreSQL database
    /// nothing tells, so there only the server migrates.
    Unserved,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 4,
            queue: 1_024,
            ca_file: None,
            migrate: Migrate::Always,
            log_emptied_after: Duration::from_secs(300),
        }
    }
}
