//! Permissions of files and folders.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::Output,
};

use super::{SITE, files_of, mode, of_an_older_version, post, refused};
use crate::support::program::{Server, command, free_address, output_text, run};

#[test]
fn files_are_private_under_any_umask() {
    for umask in ["000", "022", "077"] {
        let folder = tempfile::tempdir().unwrap();
        let old = of_an_older_version(folder.path());
        fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
        let shell = format!("umask {umask}; exec \"$0\" \"$@\"");
        let add = std::process::Command::new("sh")
            .args(["-c", &shell, env!("CARGO_BIN_EXE_afterword")])
            .args(SITE)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(add.status.success(), "{}", output_text(&add));
        let server = Server::at(folder.path(), free_address(), &[]);
        post(&server, "the-first-key-of-all", "one");
        let files = files_of(&folder.path().join("afterword-data"));
        let names: Vec<_> = files
            .iter()
            .map(|file| file.file_name().unwrap().to_string_lossy())
            .collect();
        for name in [
            "afterword.db",
            "afterword.db-wal",
            "afterword.db-shm",
            "afterword.lock",
            "afterword.before-migration-from-4.db",
            "secret.key",
        ] {
            assert!(
                names.iter().any(|there| there == name),
                "{name} is not in {names:?}"
            );
        }
        for file in &files {
            assert_eq!(mode(file) & 0o077, 0, "umask {umask}: {}", file.display());
        }
        drop(server);
        // Created by an earlier version, or copied there.
        for file in &files {
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        }
        assert!(run(folder.path(), &["site", "list"]).status.success());
        for file in files.iter().filter(|file| file.exists()) {
            assert_eq!(mode(file) & 0o077, 0, "before: {}", file.display());
        }
    }
}

#[test]
fn a_linked_database_and_its_log_are_private() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), SITE).status.success());
    let (data, real) = (folder.path().join("afterword-data"), folder.path().join("real"));
    fs::create_dir(&real).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let from = data.join(format!("afterword.db{suffix}"));
        fs::rename(from, real.join(format!("comments.db{suffix}"))).unwrap();
    }
    std::os::unix::fs::symlink(real.join("comments.db"), data.join("afterword.db")).unwrap();
    let holder = rusqlite::Connection::open(real.join("comments.db")).unwrap();
    let used = holder.query_row("SELECT COUNT(*) FROM sites", [], |row| row.get::<_, i64>(0));
    assert_eq!(used.unwrap(), 1);
    for file in files_of(&real) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert!(run(folder.path(), &["site", "list"]).status.success());
    let files = files_of(&real);
    assert!(files.len() >= 3, "with log and index: {files:?}");
    for file in files {
        assert_eq!(mode(&file) & 0o077, 0, "{}", file.display());
    }
}

/// Runs a command as a user without root's privileges.
fn as_nobody(folder: &Path, args: &[&str]) -> Output {
    let mut command = command(folder);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    command.args(args).output().unwrap()
}

#[test]
fn missing_rights_name_the_file_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(run(folder.path(), SITE).status.success());
    let data = folder.path().join("afterword-data");
    let (file, secret) = (data.join("afterword.db"), data.join("secret.key"));
    let set = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let list = || as_nobody(folder.path(), &["site", "list"]);
    if !rustix::process::geteuid().is_root() {
        set(&file, 0o400);
        refused(&list(), &["afterword.db", "read-only", "chown"]);
        return;
    }
    refused(
        &list(),
        &["afterword-data", "Permission denied", "chown -R 65534"],
    );
    set(&data, 0o755);
    refused(&list(), &["secret.key", "Permission denied", "chown 65534"]);
    set(&secret, 0o644);
    set(&file, 0o444);
    refused(
        &list(),
        &["afterword.db", "read-only for this user", "chown 65534"],
    );
    set(&file, 0o666);
    refused(
        &list(),
        &[
            "afterword.db",
            "folder",
            "read-only for this user",
            "chown -R 65534",
        ],
    );
    let serve = as_nobody(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert!(
        output_text(&serve).contains("afterword.lock") && output_text(&serve).contains("chown -R 65534"),
        "{}",
        output_text(&serve)
    );
    let elsewhere = as_nobody(folder.path(), &["site", "list", "--data", "/proc/none"]);
    assert!(
        output_text(&elsewhere).contains("/proc/none") && output_text(&elsewhere).contains("AFTERWORD_DATA"),
        "{}",
        output_text(&elsewhere)
    );
    let privileged = as_nobody(folder.path(), &["config", "--config", "/etc/shadow"]);
    assert!(
        output_text(&privileged).contains("/etc/shadow")
            && output_text(&privileged).contains("AFTERWORD_CONFIG")
    );
}
