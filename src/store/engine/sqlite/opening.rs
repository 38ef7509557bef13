//! Checks a SQLite file before it is opened, and explains to an operator why it cannot be.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use rusqlite::{Connection, OpenFlags, ffi::ErrorCode};

use super::SqliteTx;
use crate::store::{StoreError, files, migrate};

/// Checks that a database is Afterword's or empty, and writable. Changes nothing.
///
/// # Errors
/// A sentence with the file and the remedy.
pub(super) fn recognise(connection: &Connection, file: &Path) -> Result<(), String> {
    let named = |error: rusqlite::Error| explain_open_error(file, &error);
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT 4")
        .map_err(named)?;
    let tables: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .map_err(named)?;
    if !tables.is_empty() {
        let sql = "SELECT value FROM instance WHERE name = 'schema'";
        let schema = connection.query_row(sql, [], |row| row.get(0)).map_err(|_| {
            format!(
                "{} is the database of another program (it has the tables {}): name another file with AFTERWORD_DATABASE",
                file.display(),
                tables.join(", ")
            )
        })?;
        migrate::refuse_newer(Some(schema), migrate::current(migrate::STEPS))
            .map_err(|error| format!("cannot use {}: {error}", file.display()))?;
    }
    // Otherwise SQLite reports it only at the first write.
    if connection.is_readonly("main").map_err(named)? {
        return Err(not_writable(file));
    }
    Ok(())
}

/// Reads from a file without creating or migrating it.
///
/// # Errors
/// A sentence with the file and the remedy.
pub fn examine<T>(
    file: &Path,
    read: impl FnOnce(&mut SqliteTx<'_>) -> Result<T, StoreError>,
) -> Result<T, String> {
    // Opening a pipe would wait for a writer.
    if let Some(why) = no_file(file) {
        return Err(format!("cannot open {}: {why}", file.display()));
    }
    let named = |error: rusqlite::Error| explain_open_error(file, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(named)?;
    connection
        .execute_batch(
            "PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; BEGIN; \
             SELECT COUNT(*) FROM sqlite_schema",
        )
        .map_err(named)?;
    read(&mut SqliteTx(&connection)).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// An error of SQLite at a file: the file, the reason and the remedy.
pub(super) fn explain_open_error(file: &Path, error: &rusqlite::Error) -> String {
    let shown = file.display();
    if let Some(why) = no_file(file) {
        return format!("cannot open {shown}: {why}");
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => format!(
            "{shown} is not a SQLite database: it is a file of another kind, encrypted, or damaged at its beginning; name another file with AFTERWORD_DATABASE, or restore it from a backup"
        ),
        Some(ErrorCode::DatabaseCorrupt) => format!(
            "{shown} is damaged ({error}): keep a copy of it with its -wal, restore the newest backup, and look at the disk"
        ),
        Some(ErrorCode::DiskFull) => format!("the disk of {shown} is full: make room on it"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => format!(
            "another program has locked {shown}: close it (a SQLite shell, a backup), then start again"
        ),
        Some(ErrorCode::SystemIoFailure) => {
            format!("the disk of {shown} failed ({error}): look at the system’s log and at the disk")
        }
        _ => not_writable_because(file).map_or_else(
            || format!("cannot open {shown}: {}", short_reason(error)),
            |why| format!("cannot open {shown}: {why}"),
        ),
    }
}

/// The reason why this path cannot be a database; none if it can.
fn no_file(file: &Path) -> Option<String> {
    match fs::metadata(file) {
        Ok(found) if !found.is_file() && !found.is_dir() => {
            Some("it is a device, a pipe or a socket: name a file with AFTERWORD_DATABASE".to_owned())
        }
        Ok(_) => None,
        Err(error) => fs::read_link(file).ok().map(|target| {
            format!(
                "it is a link to {}, which cannot be opened ({error}): mount or create what it leads to, or name another file with AFTERWORD_DATABASE",
                target.display()
            )
        }),
    }
}

/// SQLite's message without the statement.
pub(super) fn short_reason(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

fn not_writable(file: &Path) -> String {
    let why = not_writable_because(file).unwrap_or_else(|| {
        format!(
            "it can only be read; {}",
            files::owner_needed(file.parent().unwrap_or(file))
        )
    });
    format!("cannot write {}: {why}", file.display())
}

/// The reason why the file or its folder is not writable; none if no reason can be seen.
fn not_writable_because(file: &Path) -> Option<String> {
    let folder = files::folder_of(file);
    let shown = folder.display();
    let Ok(of_folder) = fs::metadata(folder) else {
        return Some(format!(
            "its folder {shown} does not exist or is closed to this user: create it, or name another file with AFTERWORD_DATABASE"
        ));
    };
    if !of_folder.is_dir() {
        return Some(format!(
            "{shown} is no folder: name another file with AFTERWORD_DATABASE"
        ));
    }
    if files::is_mounted_read_only(folder) {
        return Some(format!(
            "{shown} lies on a file system that is mounted read-only: mount it writable, or choose another folder with AFTERWORD_DATA"
        ));
    }
    match fs::metadata(file) {
        Ok(found) if found.is_dir() => Some(
            "it is a folder: name a file with AFTERWORD_DATABASE, and the folder with AFTERWORD_DATA"
                .to_owned(),
        ),
        Ok(found) if !files::may_write(file) => Some(format!(
            "it is read-only for this user (it belongs to user {}, mode {:o}); {}",
            found.uid(),
            found.mode() & 0o777,
            files::owner_needed(file)
        )),
        _ if !files::may_write(folder) => Some(format!(
            "its folder {shown} is read-only for this user (it belongs to user {}, mode {:o}); {}",
            of_folder.uid(),
            of_folder.mode() & 0o777,
            files::owner_needed(folder)
        )),
        _ => None,
    }
}
