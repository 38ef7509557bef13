//! How long SQLite's write-ahead log may become before it is written back: a quarter of the disk's free room, within bounds.
//!
//! What is written back needs room in the database. On a small disk a long log leaves none, and then nothing could be
//! written any more, though most of the log are older versions of the same pages.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;

/// 32 MB: pages that are changed by many comments are written back once.
const MAX_PAGES: u32 = 8_000;
/// Shorter, and every few commits would wait for the database to be synced.
const MIN_PAGES: u32 = 100;
const PAGE_BYTES: u64 = 4_096;
/// Between two looks at the disk.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct WalLimit {
    folder: Option<PathBuf>,
    pages: u32,
    looked: Option<Instant>,
}

impl WalLimit {
    /// For the connection that writes.
    pub(super) fn of(connection: &Connection) -> Self {
        let folder = connection.path().and_then(|file| Path::new(file).parent());
        Self {
            folder: folder.map(Path::to_owned),
            pages: MAX_PAGES,
            looked: None,
        }
    }

    /// Sets the limit by what is free now. Looks at the disk once a second, however often it is called.
    pub(super) fn adapt(&mut self, connection: &Connection) {
        if self.looked.is_some_and(|last| last.elapsed() < CHECK_INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
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
        // As on a disk that was small a moment ago.
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
        assert_eq!(set(&connection), 7, "it looked a moment ago");
    }
}
