//! Checks this machine: the data folder, its disk, its permissions, and contradictory settings.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use super::finding::Findings;
use crate::{
    app::system_info::{self, DiskSpace},
    config::{Action, Config, RateLimit},
    store,
};

/// Free bytes below which a warning is given, and below which the disk counts as full.
const LOW_SPACE_BYTES: u64 = 1024 * 1024 * 1024;
const FULL_SPACE_BYTES: u64 = 100 * 1024 * 1024;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    folder(config, findings);
    settings(config, findings);
}

fn folder(config: &Config, findings: &mut Findings) {
    let (folder, shown) = (config.data.as_path(), config.data.display());
    let Ok(known) = fs::metadata(folder).inspect_err(|error| {
        findings.error(
            "folder",
            format!("the data folder {shown} cannot be opened: {error}"),
            "start Afterword once, which makes it, or name the right one with AFTERWORD_DATA; run doctor as the user that runs Afterword",
        );
    }) else {
        return;
    };
    match rights(folder, &known) {
        Ok(()) => findings.ok("folder", format!("{shown} can be written by this user")),
        Err(error) => findings.error(
            "folder",
            format!("nothing can be written in {shown}: {error}"),
            "give the folder to the user that runs Afterword (chown -R), and run doctor as that user",
        ),
    }
    modes(config, &known, findings);
    match system_info::network_file_system(folder) {
        Ok(kind) => file_system(kind, store::is_postgres(&config.database), findings),
        Err(error) => findings.warning(
            "filesystem",
            format!("the file system of {shown} cannot be told: {error}"),
            "make sure that it is a local disk",
        ),
    }
    match system_info::disk_space(folder) {
        Ok(room) => disk(room, findings),
        Err(error) => findings.warning(
            "disk",
            format!("the room on the disk of {shown} cannot be told: {error}"),
            "look at it with df",
        ),
    }
}

/// Tries to write: permissions, read-only mounts, quotas and containers all affect it.
fn rights(folder: &Path, known: &fs::Metadata) -> std::io::Result<()> {
    if !known.is_dir() {
        return Err(std::io::Error::other("it is not a folder"));
    }
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    fs::File::create_new(&probe)?;
    fs::remove_file(&probe)
}

/// Checks that other users cannot read the files, and that all of them have one owner.
fn modes(config: &Config, folder: &fs::Metadata, findings: &mut Findings) {
    let secret = config.data.join("secret.key");
    let database = config.data.join(&config.database);
    let mut wrong = false;
    for (path, known) in [
        (config.data.clone(), Ok(folder.clone())),
        (secret.clone(), fs::metadata(&secret)),
        (database.clone(), fs::metadata(&database)),
    ] {
        let Ok(known) = known else { continue };
        let (mode, shown) = (known.permissions().mode() & 0o777, path.display());
        let open = if known.is_dir() {
            mode & 0o007
        } else {
            mode & 0o077
        };
        if open != 0 {
            wrong = true;
            let right = if known.is_dir() { "700" } else { "600" };
            findings.error(
                "modes",
                format!("others may read {shown} (mode {mode:o})"),
                format!("chmod {right} {shown}"),
            );
        }
        if known.uid() != folder.uid() {
            wrong = true;
            findings.error(
                "modes",
                format!(
                    "{shown} belongs to user {}, the data folder to user {}",
                    known.uid(),
                    folder.uid()
                ),
                format!("chown -R {} {}", folder.uid(), config.data.display()),
            );
        }
    }
    if !wrong {
        findings.ok(
            "modes",
            "the folder, the secret and the database are closed to others",
        );
    }
}

fn file_system(kind: Option<&str>, postgres: bool, findings: &mut Findings) {
    match kind {
        None => findings.ok(
            "filesystem",
            "the data folder lies on no known network file system",
        ),
        Some(kind) if postgres => {
            findings.ok(
                "filesystem",
                format!("the data folder lies on {kind}; the database is elsewhere"),
            );
        }
        Some(kind) => findings.error(
            "filesystem",
            format!("the data folder lies on {kind}, where SQLite can neither lock nor share its log"),
            "move the data folder to a local disk, or use PostgreSQL",
        ),
    }
}

fn disk(room: DiskSpace, findings: &mut Findings) {
    let shown = format!("{} MiB of {} MiB are free", room.free >> 20, room.total >> 20);
    let fix = "make room: a full disk refuses every comment, and checkpoints and migrations need some";
    if room.free < FULL_SPACE_BYTES {
        findings.error("disk", shown, fix);
    } else if room.free < LOW_SPACE_BYTES {
        findings.warning("disk", shown, fix);
    } else {
        findings.ok("disk", shown);
    }
}

fn settings(config: &Config, findings: &mut Findings) {
    if config
        .metrics_listen
        .is_some_and(|address| !address.ip().is_loopback())
    {
        findings.warning(
            "metrics",
            "the metrics are answered beyond this machine",
            "let metrics_listen be on 127.0.0.1 or in a private network that readers cannot reach",
        );
    }
    let off: Vec<&str> = [Action::Post, Action::Login]
        .into_iter()
        .filter(|action| config.limit(*action) == RateLimit::default())
        .map(Action::as_str)
        .collect();
    if !off.is_empty() {
        findings.warning(
            "limits",
            format!("there is no limit for: {}", off.join(", ")),
            "leave limits.post and limits.login at their defaults, or write larger ones",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Level, *};

    fn level(judge: impl FnOnce(&mut Findings)) -> Level {
        let mut findings = Findings::default();
        judge(&mut findings);
        findings.levels()[0].1
    }

    #[test]
    fn a_disk_warns_before_it_is_full() {
        let of = |free: u64| {
            level(|f| {
                disk(
                    DiskSpace {
                        free,
                        total: 1 << 40,
                        read_only: false,
                    },
                    f,
                )
            })
        };
        assert_eq!(of(50 << 20), Level::Error);
        assert_eq!(of(500 << 20), Level::Warning);
        assert_eq!(of(50 << 30), Level::Ok);
    }

    #[test]
    fn sqlite_wants_a_local_disk() {
        assert_eq!(level(|f| file_system(Some("NFS"), false, f)), Level::Error);
        assert_eq!(level(|f| file_system(Some("NFS"), true, f)), Level::Ok);
        assert_eq!(level(|f| file_system(None, false, f)), Level::Ok);
    }
}
