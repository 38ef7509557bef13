//! The documentation matches the code: routes, error codes, settings.
//!
//! `AFTERWORD_UPDATE_DOCS=1 cargo test --test docs` rewrites docs/configuration.md.

use std::{collections::BTreeSet, fs, path::Path};

use afterword::{app::ErrorKind, config::SETTINGS, web};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of the tables in a text whose header starts with `first`.
fn table(text: &str, first: &str) -> Vec<Vec<String>> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {first} |")))
        .skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        line.trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    })
    .collect()
}

#[test]
fn every_error_code_is_documented_with_its_status() {
    let documented: BTreeSet<(String, String)> = table(&read("docs/api.md"), "status")
        .into_iter()
        .map(|row| (row[1].trim_matches('`').to_owned(), row[0].clone()))
        .collect();
    let coded: BTreeSet<(String, String)> = ErrorKind::ALL
        .iter()
        .map(|kind| {
            (
                kind.code().to_owned(),
                web::http::response::status(*kind).as_u16().to_string(),
            )
        })
        .collect();
    assert!(documented.len() > 30, "the table was not found");
    assert_eq!(documented, coded);
}

#[test]
fn every_route_is_documented_with_its_methods() {
    let documented: BTreeSet<(String, String)> = table(&read("docs/api.md"), "method")
        .into_iter()
        .map(|row| {
            (
                row[1]
                    .trim_matches('`')
                    .replace("{site}", ":site")
                    .replace("{id}", ":id"),
                row[0].clone(),
            )
        })
        .collect();
    let coded: BTreeSet<(String, String)> = web::route::API_ROUTES
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .split(", ")
                .filter(|method| *method != "HEAD")
                .map(|method| ((*path).to_owned(), method.to_owned()))
        })
        .collect();
    assert!(documented.len() >= 10, "the table was not found");
    assert_eq!(documented, coded);
}

#[test]
fn every_setting_is_documented() {
    let mut page = String::from(
        "# Configuration\n\n\
         Every setting can be in a TOML file (`--config FILE` or `AFTERWORD_CONFIG`), in the environment, or in a flag\n\
         `--set KEY=VALUE`; flags win over the environment, the environment over the file. `afterword config` shows each\n\
         value and its source. An unknown key is an error that suggests the right one.\n\n\
         A secret can be read from a file: set the variable with the suffix `_FILE` to the file's path.\n\n\
         A limit is written `address=10/1m site=300/1m global=3000/1m`: a count per time (s, m, h, d) by client address\n\
         (IPv6: by /64, twice as much by /56 and four times as much by /48), by site, and global. Every attempt counts for its\n\
         address; for the site and globally only successful actions count. A /56 or /48 has at most a quarter of\n\
         the site's limit. Each part can be left out; `off` switches the limit off.\n\n\
         | key | environment | default | meaning |\n|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let default = if setting.default.is_empty() {
            "–".to_owned()
        } else {
            format!("`{}`", setting.default)
        };
        let secret = if setting.secret { " (secret)" } else { "" };
        page.push_str(&format!(
            "| `{}` | `{}` | {default} | {}{secret} |\n",
            setting.key,
            setting.env(),
            setting.doc
        ));
    }
    if std::env::var_os("AFTERWORD_UPDATE_DOCS").is_some() {
        fs::write(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md"),
            &page,
        )
        .expect("a writable page");
    }
    assert_eq!(
        read("docs/configuration.md"),
        page,
        "update it with AFTERWORD_UPDATE_DOCS=1 cargo test --test docs"
    );
}

/// The file that the Debian package installs: every setting, commented out, with its default.
#[test]
fn the_example_file_has_every_setting() {
    let mut file = String::from(
        "# Afterword's configuration: every setting, with its default. Remove the # before a key to change it.\n\
         # `afterword --config /etc/afterword/afterword.toml config` shows the values in use, and `doctor` checks them.\n",
    );
    for setting in SETTINGS {
        let mut config = afterword::config::Config::default();
        let is_value = (setting.read)(&mut config, setting.default).is_ok();
        let default = if is_value { setting.default } else { "" };
        file.push_str(&format!("\n# {}\n", setting.doc));
        match setting.key {
            "data" => file.push_str("data = \"/var/lib/afterword\"\n"),
            key => file.push_str(&format!("#{key} = \"{default}\"\n")),
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/afterword.toml");
    if std::env::var_os("AFTERWORD_UPDATE_DOCS").is_some() {
        fs::write(&path, &file).expect("a writable file");
    }
    assert_eq!(
        read("packaging/afterword.toml"),
        file,
        "update it with AFTERWORD_UPDATE_DOCS=1 cargo test --test docs"
    );
    // It parses as it is, and also with every default written out.
    let load = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("afterword.toml");
        fs::write(&file, text).expect("a file");
        afterword::config::load(Some(&file), [], &[])
    };
    assert!(load(&file).is_ok());
    let keys = ["base_url", "secret"];
    let written: String = file
        .lines()
        .filter(|line| !keys.iter().any(|key| line.starts_with(&format!("#{key} "))))
        .map(|line| {
            format!(
                "{}\n",
                if line.starts_with("# ") {
                    line
                } else {
                    line.trim_start_matches('#')
                }
            )
        })
        .collect();
    let loaded = load(&written).unwrap_or_else(|error| panic!("{error}"));
    let default = afterword::config::Config::default();
    assert_eq!(loaded.config.max_connections, default.max_connections);
    assert_eq!(loaded.config.limits, default.limits);
    assert!(
        load(&written.replace("timeout", "timeouts")).is_err(),
        "control: a wrong key was taken"
    );
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for page in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/api.md",
        "docs/install.md",
        "docs/add-to-your-site.md",
        "docs/moderate.md",
        "docs/operate.md",
        "docs/switch.md",
        "docs/generators/README.md",
        "embed/README.md",
    ] {
        let text = read(page);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or("");
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            let path = root.join(page).parent().expect("a folder").join(file);
            assert!(path.exists(), "{page} links to {target}, which is not there");
            checked += 1;
        }
    }
    assert!(checked > 10, "links were not found");
}
