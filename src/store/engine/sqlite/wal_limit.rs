//! Limits the length of SQLite's write-ahead log to a quarter of the free space on the disk, within bounds.
//!
//! Writing the log back needs space in the database. On a small disk a long log would leave none, and nothing could be
//! written any more, though most of the log is older versions of the same pages.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;

/// 32 MB: a page that many comments change is written back once.
const MAX_PAGES: u32 = 8_000;
/// With fewer pages, every few commits would wait for a sync of the database.
const MIN_PAGES: u32 = 100;
const PAGE_BYTES: u64 = 4_096;
/// Time between two checks of the free space.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The limit of one connection.
pub(super) struct WalLimit {
    folder: Option<PathBuf>,
    pages: u32,
    checked_at: Option<Instant>,
}

impl WalLimit {
    /// The limit for the connection that writes.
    pub(super) fn of(connection: &Connection) -> Self {
        let folder = connection.path().and_then(|file| Path::new(file).parent());
        Self {
            folder: folder.map(Path::to_owned),
            pages: MAX_PAGES,
            checked_at: None,
        }
    }

    /// Sets the limit by the free space now. Checks the disk once a second at most.
    pub(super) fn adapt(&mut self, connection: &Connection) {
        if self
            .checked_at
            .is_some_and(|last| last.elapsed() < CHECK_INTERVAL)
        {
            return;
        }
        self.checked_at = Some(Instant::now());
        let Some(Ok(disk)) = self.folder.as_deref().map(rustix::fs::statvfs) else {
            return;
        };
        let pages = pages_for(disk.f_bavail * disk.f_frsize);
        if pages == self.pages {
            return;
        }
        match connection.pragma_update(None, "wal_autocheckpoint", pages) {
            Ok(()) => self.pages = pages,
            Err(error) => tracing::warn!(%error, "the length of the database's log could not be limited"),
        }
    }
}

fn pages_for(free_bytes: u64) -> u32 {
    let pages = u32::try_from(free_bytes / 4 / PAGE_BYTES).unwrap_or(MAX_PAGES);
    pages.clamp(MIN_PAGES, MAX_PAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_disk_has_a_short_log() {
        assert_eq!(pages_for(0), MIN_PAGES);
        assert_eq!(pages_for(8 << 20), 512, "2 MB of 8");
        assert_eq!(pages_for(1 << 30), MAX_PAGES);
    }

    #[test]
    fn the_limit_is_set_where_the_file_lies() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("x.db")).unwrap();
        let mut limit = WalLimit::of(&connection);
        // As on a disk that was small a second ago.
        limit.pages = MIN_PAGES;
        limit.adapt(&connection);
        let set = |connection: &Connection| {
            connection
                .pragma_query_value(None, "wal_autocheckpoint", |row| row.get::<_, u32>(0))
                .unwrap()
        };
        assert_eq!(set(&connection), limit.pages);
        assert!(limit.pages > MIN_PAGES, "the disk of the tests has room");
        connection.pragma_update(None, "wal_autocheckpoint", 7).unwrap();
        limit.adapt(&connection);
        assert_eq!(set(&connection), 7, "it checked a moment ago");
    }
}
