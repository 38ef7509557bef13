//! Loads the configuration from its four sources and records the source of each value.

use std::{collections::BTreeMap, fmt, path::Path};

use super::{SETTINGS, Setting, service_links};
use crate::config::{Config, service_links::VariableOrigin};

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The built-in default.
    Default,
    /// The configuration file.
    File(String),
    /// An environment variable.
    Environment(String),
    /// The command line.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(name) => write!(f, "file {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A configuration with the sources of its values.
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// Setting, value as written (a secret's is hidden) and source; in the table's order.
    pub origins: Vec<(&'static Setting, String, Source)>,
    /// Warnings for the operator, a sentence each.
    pub warnings: Vec<String>,
}

/// Loads the file (if any), the environment and the flags (`key`, `value`, name of the flag).
///
/// # Errors
/// A sentence that names the place, the key and the remedy.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &[(String, String, String)],
) -> Result<Loaded, String> {
    let mut warnings = Vec::new();
    let environment: Vec<(String, String)> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with("AFTERWORD_"))
        .collect();
    let mut values: BTreeMap<&'static str, (String, Source)> = BTreeMap::new();
    if let Some(path) = file {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the configuration file {name}: {error}; name another with --config or AFTERWORD_CONFIG, or let this user read it"))?;
        let table: toml::Table = text
            .parse()
            .map_err(|error| format!("the configuration file {name} is not TOML: {error}"))?;
        for (key, value) in flatten("", &table)? {
            let setting = known(&key, SETTINGS.iter().map(|s| s.key.to_owned()))
                .map_err(|hint| format!("{name}: there is no setting “{key}”{hint}"))?;
            values.insert(setting.key, (value, Source::File(name.clone())));
        }
    }
    for (name, value) in environment.iter().cloned() {
        let Some(rest) = name.strip_prefix("AFTERWORD_") else {
            continue;
        };
        if rest == "CONFIG" || rest.starts_with("TEST_") {
            continue;
        }
        let of_file = SETTINGS
            .iter()
            .find(|s| s.secret && name == format!("{}_FILE", s.env()));
        let (setting, value) = match of_file {
            Some(setting) => {
                let text = std::fs::read_to_string(&value).map_err(|error| {
                    format!("{name}: cannot read {value}: {error}; name a file that this user can read")
                })?;
                (setting, text.trim_end().to_owned())
            }
            None => match known(&name, SETTINGS.iter().map(Setting::env)) {
                Ok(setting) => (setting, value),
                Err(hint) => match service_links::classify(rest, &value, &environment) {
                    VariableOrigin::Set => continue,
                    VariableOrigin::Nearly => {
                        warnings.push(format!(
                            "{name} is ignored: it looks like a variable that Kubernetes or Docker sets, and there is no such setting"
                        ));
                        continue;
                    }
                    VariableOrigin::No(own) => {
                        let hint = own.unwrap_or(&hint);
                        return Err(format!(
                            "the environment has {name}, but there is no such setting{hint}"
                        ));
                    }
                },
            },
        };
        values.insert(setting.key, (value, Source::Environment(name)));
    }
    for (key, value, flag) in flags {
        let setting = known(key, SETTINGS.iter().map(|s| s.key.to_owned()))
            .map_err(|hint| format!("{flag}: there is no setting “{key}”{hint}"))?;
        values.insert(setting.key, (value.clone(), Source::Flag(flag.clone())));
    }

    let (mut config, mut origins) = (Config::default(), Vec::new());
    for setting in SETTINGS {
        match values.remove(setting.key) {
            Some((value, source)) => {
                (setting.read)(&mut config, value.trim())
                    .map_err(|must| format!("{} ({source}) {must}", setting.key))?;
                origins.push((
                    setting,
                    if setting.secret {
                        "(hidden)".to_owned()
                    } else {
                        value
                    },
                    source,
                ));
            }
            None => origins.push((setting, setting.default.to_owned(), Source::Default)),
        }
    }
    Ok(Loaded {
        config,
        origins,
        warnings,
    })
}

/// The setting with this key.
///
/// # Errors
/// A hint, possibly empty, to add to a sentence.
fn known(name: &str, names: impl Iterator<Item = String>) -> Result<&'static Setting, String> {
    let names: Vec<String> = names.collect();
    if let Some(found) = names.iter().position(|known| known == name) {
        return Ok(&SETTINGS[found]);
    }
    let nearest = names
        .iter()
        .min_by_key(|known| strsim::damerau_levenshtein(known, name));
    Err(match nearest {
        Some(known) if strsim::damerau_levenshtein(known, name) <= 4 => format!("; did you mean “{known}”?"),
        _ => "; `afterword config` lists them".to_owned(),
    })
}

/// Flattens a TOML table to dotted keys, with values as they would be written in the environment.
fn flatten(prefix: &str, table: &toml::Table) -> Result<Vec<(String, String)>, String> {
    let mut flat = Vec::new();
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flat.extend(flatten(&key, inner)?),
            toml::Value::Array(items) => {
                let words: Vec<String> = items
                    .iter()
                    .map(word)
                    .collect::<Option<_>>()
                    .ok_or_else(|| format!("{key}: a list may hold only plain values"))?;
                flat.push((key, words.join(",")));
            }
            _ => flat.push((
                key.clone(),
                word(value).ok_or_else(|| format!("{key}: must be a plain value"))?,
            )),
        }
    }
    Ok(flat)
}

fn word(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn flags_beat_the_environment_beats_the_file_beats_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("afterword.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:1\"\ntimeout = 3\nlog = \"warn\"\n[limits]\npost = \"off\"\n",
        )
        .unwrap();
        let flags = [(
            "listen".to_owned(),
            "127.0.0.1:3".to_owned(),
            "--listen".to_owned(),
        )];
        let env = pairs(&[
            ("AFTERWORD_LISTEN", "127.0.0.1:2"),
            ("AFTERWORD_LOG", "debug"),
            ("PATH", "x"),
        ]);
        let loaded = load(Some(&file), env, &flags).unwrap();
        assert_eq!(loaded.config.listen.port(), 3);
        assert_eq!(loaded.config.log, "debug");
        assert_eq!(loaded.config.timeout, 3);
        assert_eq!(
            loaded.config.limit(super::super::Action::Post),
            crate::config::RateLimit::default()
        );
        let source = |key: &str| {
            loaded
                .origins
                .iter()
                .find(|(s, ..)| s.key == key)
                .map(|(_, _, source)| source.clone())
                .unwrap()
        };
        assert_eq!(source("listen"), Source::Flag("--listen".into()));
        assert_eq!(source("log"), Source::Environment("AFTERWORD_LOG".into()));
        assert!(matches!(source("timeout"), Source::File(_)));
        assert_eq!(source("data"), Source::Default);
    }

    #[test]
    fn a_misspelt_key_gets_a_suggestion() {
        let error = load(None, pairs(&[("AFTERWORD_LISTN", "x")]), &[]).err().unwrap();
        assert!(error.contains("did you mean “AFTERWORD_LISTEN”?"), "{error}");
        let error = load(None, [], &[("limits.pots".into(), "off".into(), "--set".into())])
            .err()
            .unwrap();
        assert!(error.contains("did you mean “limits.post”?"), "{error}");
    }

    #[test]
    fn a_secret_may_lie_in_a_file_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://u:hush@h/d\n").unwrap();
        let loaded = load(
            None,
            pairs(&[("AFTERWORD_DATABASE_FILE", file.to_str().unwrap())]),
            &[],
        )
        .unwrap();
        assert_eq!(loaded.config.database, "postgres://u:hush@h/d");
        assert!(loaded.origins.iter().all(|(_, shown, _)| !shown.contains("hush")));
    }

    #[test]
    fn the_error_of_a_value_names_its_place_and_its_form() {
        let error = load(None, pairs(&[("AFTERWORD_LISTEN", "nowhere")]), &[])
            .err()
            .unwrap();
        assert!(
            error.contains("listen (environment AFTERWORD_LISTEN) must be ADDRESS:PORT"),
            "{error}"
        );
    }

    #[test]
    fn variables_of_a_service_beside_it_are_no_settings() {
        let service = pairs(&[
            ("AFTERWORD_SERVICE_HOST", "10.0.0.1"),
            ("AFTERWORD_SERVICE_PORT", "80"),
            ("AFTERWORD_SERVICE_PORT_HTTP", "80"),
            ("AFTERWORD_PORT", "tcp://10.0.0.1:80"),
            ("AFTERWORD_PORT_80_TCP", "tcp://10.0.0.1:80"),
            ("AFTERWORD_PORT_80_TCP_PROTO", "tcp"),
            ("AFTERWORD_PORT_80_TCP_PORT", "80"),
            ("AFTERWORD_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("AFTERWORD_TIMEOUT", "7"),
        ]);
        let loaded = load(None, service, &[]).unwrap();
        assert_eq!(loaded.config.timeout, 7, "control: settings are read beside them");
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
        assert_eq!(loaded.config.listen, Config::default().listen);
        let odd = load(None, pairs(&[("AFTERWORD_WEB_SERVICE_HOST", "web.example")]), &[]).unwrap();
        assert!(
            odd.warnings[0].starts_with("AFTERWORD_WEB_SERVICE_HOST is ignored"),
            "{:?}",
            odd.warnings
        );
        let error = load(None, pairs(&[("AFTERWORD_PORT", "8080")]), &[])
            .err()
            .unwrap();
        assert!(
            error.contains("AFTERWORD_PORT") && error.contains("AFTERWORD_LISTEN"),
            "{error}"
        );
    }
}
