//! Settings: their sources, and the message of a wrong one.

use std::net::TcpListener;

use crate::support::program::{command, output_text, run};

#[test]
fn a_wrong_setting_is_explained_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let env = command(folder.path())
        .env("AFTERWORD_LISTN", "x")
        .arg("config")
        .output()
        .unwrap();
    assert!(!env.status.success());
    assert!(
        output_text(&env).contains("did you mean “AFTERWORD_LISTEN”?"),
        "{}",
        output_text(&env)
    );
    let flag = run(folder.path(), &["config", "--set", "limits.pots=off"]);
    assert!(
        output_text(&flag).contains("did you mean “limits.post”?"),
        "{}",
        output_text(&flag)
    );
    let file = run(folder.path(), &["config", "--config", "none.toml"]);
    assert!(
        output_text(&file).contains("cannot read the configuration file none.toml"),
        "{}",
        output_text(&file)
    );
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = run(
        folder.path(),
        &["--listen", &busy.local_addr().unwrap().to_string()],
    );
    assert!(
        output_text(&taken).contains("cannot listen on") && output_text(&taken).contains("AFTERWORD_LISTEN"),
        "{}",
        output_text(&taken)
    );
    std::fs::write(folder.path().join("plain"), "x").unwrap();
    let data = run(folder.path(), &["site", "list", "--data", "plain"]);
    assert!(
        output_text(&data).contains("AFTERWORD_DATA"),
        "{}",
        output_text(&data)
    );
    let postgres = run(
        folder.path(),
        &[
            "site",
            "list",
            "--set",
            "database=postgres://nobody:hush@127.0.0.1:1/none",
        ],
    );
    assert!(
        output_text(&postgres).contains("cannot use PostgreSQL") && !output_text(&postgres).contains("hush"),
        "{}",
        output_text(&postgres)
    );
}

#[test]
fn config_shows_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.toml"),
        "timeout = 7\n[limits]\npost = \"off\"\n",
    )
    .unwrap();
    let shown = command(folder.path())
        .env("AFTERWORD_CONFIG", "a.toml")
        .env("AFTERWORD_LOG", "warn")
        .env("AFTERWORD_SECRET", "ab".repeat(32))
        .args(["config", "--listen", "127.0.0.1:9"])
        .output()
        .unwrap();
    let shown = output_text(&shown);
    for line in [
        "listen = 127.0.0.1:9    [flag --listen",
        "timeout = 7    [file a.toml",
        "limits.post = off    [file a.toml",
        "log = warn    [environment AFTERWORD_LOG",
        "data = afterword-data    [default",
        "secret = (hidden)    [environment AFTERWORD_SECRET",
    ] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
}
