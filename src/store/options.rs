//! Options for opening a database.

use std::time::Duration;

/// Options for opening a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// SQLite: connections that read. PostgreSQL: all connections; half of them read, half write.
    pub connections: usize,
    /// Units that may wait; the next one is refused with [`crate::store::StoreError::Busy`].
    pub queue: usize,
    /// PostgreSQL only: a file of CA certificates in PEM, used beside the usual roots.
    pub ca_file: Option<std::path::PathBuf>,
    /// The permission to migrate a database with an older schema. An empty one always gets its tables.
    pub migrate: Migrate,
    /// SQLite only: the age at which the log is emptied, in the next pause. It may contain text that was erased.
    pub log_emptied_after: Duration,
}

/// The permission to migrate a database with an older schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Migrate. For the server, which holds the lock.
    Always,
    /// Migrate only if no server uses the database. For commands: SQLite's lock shows it. Nothing shows which nodes use
    /// a PostgreSQL database, so there only the server migrates.
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
