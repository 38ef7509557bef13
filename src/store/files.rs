//! Creates, replaces and locks the files beside the database, so that a kill or a power cut leaves each of them whole
//! or absent.
//!
//! A file is durable after it is synced, its name after its folder is. Nothing here opens the database itself: closing
//! any descriptor of it would drop SQLite's locks. docs/durability.md describes the tests.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{Access, Mode, StatVfsMountFlags};

/// The mode bits of everybody but the owner.
const OTHERS_MODE: u32 = 0o077;

/// Sets the umask so that new files of this process are accessible to its user only: the database with its log, copies
/// of it, locks. To be called once, by the program and not by the library.
pub fn restrict_new_files_to_owner() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Removes the access of other users to a database and the files beside it, which an earlier version or another program
/// may have created. Files that belong to another user are left as they are; `afterword doctor` reports them.
pub fn restrict_database_to_owner(database: &Path) {
    // SQLite keeps the log beside the file itself, not beside a link to it.
    let database = &fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let with = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    for file in [database.clone(), with("-wal"), with("-shm"), lock_of(database)] {
        restrict_to_owner(&file);
    }
    let copies = format!(
        "{}.before-migration-",
        database.file_stem().unwrap_or_default().display()
    );
    for found in fs::read_dir(folder_of(database)).into_iter().flatten().flatten() {
        if found.file_name().to_string_lossy().starts_with(&copies) {
            restrict_to_owner(&found.path());
        }
    }
}

/// Removes the access of other users to a file, by its name: no descriptor of a database may be closed.
pub fn restrict_to_owner(file: &Path) {
    let Ok(known) = fs::metadata(file) else { return };
    let mode = known.permissions().mode();
    if known.is_file() && mode & OTHERS_MODE != 0 {
        // Refused for a file of another user.
        let _ = fs::set_permissions(file, fs::Permissions::from_mode(mode & !OTHERS_MODE & 0o7777));
    }
}

/// Returns true if this process has the right to write here.
#[must_use]
pub fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// Returns true if the file system of this path is mounted read-only.
#[must_use]
pub fn is_mounted_read_only(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// The remedy for missing rights to a folder with its contents, or to a file, as the end of a sentence.
#[must_use]
pub fn owner_needed(path: &Path) -> String {
    let user = rustix::process::geteuid().as_raw();
    let all = if path.is_dir() { "-R " } else { "" };
    format!(
        "give it to the user that runs Afterword, with the right to write: chown {all}{user} {shown} && chmod u+rwX {shown}",
        shown = path.display()
    )
}

/// An error at the creation of a folder, with its remedy.
#[must_use]
pub fn explain_folder_error(path: &Path, error: &io::Error) -> String {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return explain_error(path, error);
    }
    let user = rustix::process::geteuid().as_raw();
    format!(
        "{error}; make it for the user that runs Afterword (as root: install -d -m 700 -o {user} {}), or choose another folder with AFTERWORD_DATA",
        path.display()
    )
}

/// An error of the system at a path, with its remedy.
#[must_use]
pub fn explain_error(path: &Path, error: &io::Error) -> String {
    let there = if path.exists() { path } else { folder_of(path) };
    let remedy = match error.kind() {
        io::ErrorKind::PermissionDenied => owner_needed(there),
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount the file system writable, or choose another folder with AFTERWORD_DATA".to_owned()
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on its disk".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, where a file is needed: move it away".to_owned(),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => {
            "choose another folder with AFTERWORD_DATA".to_owned()
        }
        _ => "look at the disk and at the system’s log".to_owned(),
    };
    format!("{error}; {remedy}")
}

/// Syncs a folder, so that the names in it are durable.
///
/// # Errors
/// Those of the system, except for a folder that may not be read.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Ok(opened) => opened.sync_all(),
        // This user may not read it, so another one made the names in it.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// The folder that contains `path`.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

/// Creates a folder with its missing ancestors, accessible to this user only, and syncs them.
///
/// # Errors
/// Those of the system.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    for folder in missing.into_iter().rev() {
        if !folder.as_os_str().is_empty() {
            sync_folder(folder_of(folder))?;
        }
    }
    // Even if it existed: the process that created it may have been killed before it was synced.
    sync_folder(folder_of(path))
}

/// Reads a file. A missing one is created with the text that `make` returns, once, accessible to this user only.
///
/// # Errors
/// A sentence that names the file and the remedy, or the error of `make`.
pub fn read_or_create(file: &Path, make: impl FnOnce() -> Result<String, String>) -> Result<String, String> {
    let named = |error: io::Error| format!("cannot use {}: {}", file.display(), explain_error(file, &error));
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => (),
        read => return read.map_err(named),
    }
    let unfinished = file.with_extension("new");
    let mut new = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&unfinished)
        .map_err(named)?;
    // Two commands may start at the same time: the second one waits here, then reads what the first one wrote.
    new.lock().map_err(named)?;
    if file.exists() {
        return fs::read_to_string(file).map_err(named);
    }
    let text = make()?;
    new.set_len(0)
        .and_then(|()| new.write_all(text.as_bytes()))
        .and_then(|()| new.sync_all())
        .and_then(|()| fs::rename(&unfinished, file))
        .and_then(|()| sync_folder(folder_of(file)))
        .map_err(named)?;
    Ok(text)
}

/// Replaces a file with what `write` writes to a temporary name, once that is complete and synced.
///
/// # Errors
/// A sentence that names the file and the remedy, or the error of `write`. The old file remains.
pub fn replace(file: &Path, write: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    let named =
        |error: io::Error| format!("cannot write {}: {}", file.display(), explain_error(file, &error));
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(error)),
        _ => (),
    }
    write(&unfinished).inspect_err(|_| {
        // It would occupy space that a full disk lacks.
        let _ = fs::remove_file(&unfinished);
    })?;
    File::open(&unfinished)
        .and_then(|whole| whole.sync_all())
        .and_then(|()| fs::rename(&unfinished, file))
        .and_then(|()| sync_folder(folder_of(file)))
        .map_err(named)
}

fn lock_of(database: &Path) -> PathBuf {
    database.with_extension("lock")
}

/// The exclusive lock of a database. It refuses a second server on the same file, whatever its data folder.
pub struct DatabaseLock(#[expect(dead_code, reason = "held for as long as the server runs")] File);

impl DatabaseLock {
    /// Takes the lock.
    ///
    /// # Errors
    /// A sentence that names the process that holds it, and the remedy.
    pub fn take(database: &Path) -> Result<Self, String> {
        // The file itself, not a link to it.
        let database = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let file = lock_of(&database);
        let cannot =
            |error: io::Error| format!("cannot lock {}: {}", file.display(), explain_error(&file, &error));
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => (),
            Err(fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.read_to_string(&mut holder);
                let holder = holder.trim();
                let process = if holder.is_empty() {
                    String::new()
                } else {
                    format!(" (process {holder})")
                };
                return Err(format!(
                    "another Afterword{process} serves {}; stop it first, or choose another folder with AFTERWORD_DATA",
                    database.display()
                ));
            }
            Err(fs::TryLockError::Error(error)) => return Err(cannot(error)),
        }
        // Written for people. The lock itself counts; it ends with the process.
        let _ = lock
            .set_len(0)
            .and_then(|()| lock.write_all(std::process::id().to_string().as_bytes()));
        Ok(Self(lock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_one_lock_by_whichever_name() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.db"), folder.path().join("b.db"));
        File::create(&file).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let held = DatabaseLock::take(&file).unwrap();
        let refused = DatabaseLock::take(&link).err().unwrap();
        assert!(
            refused.contains("a.db") && refused.contains(&std::process::id().to_string()),
            "{refused}"
        );
        drop(held);
        DatabaseLock::take(&link).unwrap();
    }

    #[test]
    fn what_was_open_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "a.db",
            "a.db-wal",
            "a.db-shm",
            "a.lock",
            "a.before-migration-from-3.db",
        ];
        for name in names {
            let file = folder.path().join(name);
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        }
        let other = folder.path().join("notes.txt");
        fs::write(&other, "").unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).unwrap();
        restrict_database_to_owner(&folder.path().join("a.db"));
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        for name in names {
            assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
        }
        assert_eq!(mode(&other), 0o644, "not ours");
    }

    #[test]
    fn what_is_left_unfinished_is_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        fs::write(folder.path().join("secret.new"), "ha").unwrap();
        let made = read_or_create(&file, || Ok("whole".into())).unwrap();
        let again = read_or_create(&file, || Err("made twice".into())).unwrap();
        assert_eq!((made.as_str(), again.as_str()), ("whole", "whole"));

        let copy = folder.path().join("copy.db");
        fs::write(folder.path().join("copy.db.unfinished"), "ha").unwrap();
        let write = |to: &Path| fs::write(to, "whole").map_err(|error| error.to_string());
        for _ in 0..2 {
            replace(&copy, write).unwrap();
            assert_eq!(fs::read_to_string(&copy).unwrap(), "whole");
        }
        assert!(replace(&copy, |_| Err("full".into())).is_err());
        assert_eq!(fs::read_to_string(&copy).unwrap(), "whole", "the older one stays");
        let full = |to: &Path| {
            fs::write(to, "ha").unwrap();
            Err("full".into())
        };
        assert!(replace(&copy, full).is_err());
        assert!(
            !folder.path().join("copy.db.unfinished").exists(),
            "it takes no room on a full disk"
        );
    }
}
