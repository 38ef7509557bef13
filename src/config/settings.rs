//! The table of all settings: key, default, documentation, parser.
//!
//! A new setting is one row here and one field in [`Config`].

use std::path::PathBuf;

use super::{Action, RateLimit, log_filter};
use crate::config::Config;

/// One setting.
pub struct Setting {
    /// Key in the file; the environment variable is `AFTERWORD_` and the key in upper case, with `_` for `.`.
    pub key: &'static str,
    /// The default, in words.
    pub default: &'static str,
    /// Documentation for operators.
    pub doc: &'static str,
    /// True if it is a secret: never shown, and accepted as `…_FILE`.
    pub secret: bool,
    /// Parses a value. Its error is the required form of a value.
    pub read: fn(&mut Config, &str) -> Result<(), String>,
}

impl Setting {
    /// Name of the environment variable.
    #[must_use]
    pub fn env(&self) -> String {
        format!("AFTERWORD_{}", self.key.to_uppercase().replace('.', "_"))
    }
}

/// All settings, in the order of `afterword config`.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        default: "127.0.0.1:8080",
        doc: "Address and port to listen on.",
        secret: false,
        read: |c, v| {
            v.parse()
                .map(|v| c.listen = v)
                .map_err(|_| "must be ADDRESS:PORT, as in 127.0.0.1:8080".into())
        },
    },
    Setting {
        key: "data",
        default: "afterword-data",
        doc: "Folder for the database, the secret and the lock; created if missing.",
        secret: false,
        read: |c, v| filled(v).map(|v| c.data = PathBuf::from(v)),
    },
    Setting {
        key: "database",
        default: "afterword.db",
        doc: "A SQLite file in the data folder, or postgres://user:password@host/name[?sslmode=require].",
        secret: true,
        read: |c, v| filled(v).map(|v| c.database = v.to_owned()),
    },
    Setting {
        key: "database_connections",
        default: "4",
        doc: "Connections that read (SQLite), or all connections: half for reads, half for writes (PostgreSQL).",
        secret: false,
        read: |c, v| number(v, 1, 500).map(|v| c.database_connections = v as usize),
    },
    Setting {
        key: "database_ca",
        default: "",
        doc: "A file of CA certificates (PEM) to trust for PostgreSQL, in addition to the built-in ones.",
        secret: false,
        read: |c, v| {
            c.database_ca = Some(v).filter(|v| !v.is_empty()).map(PathBuf::from);
            Ok(())
        },
    },
    Setting {
        key: "base_url",
        default: "http:// and the address listened on",
        doc: "The comment origin as browsers see it, as in https://comments.example.org.",
        secret: false,
        read: base_url,
    },
    Setting {
        key: "secret",
        default: "generated once, kept in the data folder as secret.key",
        doc: "The root of all tokens: 64 or more hexadecimal digits. Nodes that share a database share it.",
        secret: true,
        read: |c, v| {
            let good = v.len() >= 64 && v.len().is_multiple_of(2) && v.bytes().all(|b| b.is_ascii_hexdigit());
            if !good {
                return Err(
                    "must be 64 or more hexadecimal digits, as `openssl rand -hex 32` makes them".into(),
                );
            }
            c.secret = v.to_owned();
            Ok(())
        },
    },
    Setting {
        key: "trusted_proxies",
        default: "",
        doc: "Addresses or networks of proxies whose forwarding header is trusted, separated by commas.",
        secret: false,
        read: |c, v| {
            let mut nets = Vec::new();
            for word in v.split([',', ' ']).filter(|word| !word.is_empty()) {
                let net = word
                    .parse()
                    .or_else(|_| word.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
                nets.push(
                    net.map_err(|_| format!("“{word}” is not an address or a network like 10.0.0.0/8"))?,
                );
            }
            c.trusted_proxies = nets;
            Ok(())
        },
    },
    Setting {
        key: "forwarded_header",
        default: "x-forwarded-for",
        doc: "The header in which those proxies send the client address.",
        secret: false,
        read: |c, v| filled(v).map(|v| c.forwarded_header = v.to_lowercase()),
    },
    Setting {
        key: "log",
        default: "info",
        doc: "What to log: off, error, warn, info, debug, trace, or a filter such as info,afterword::store=debug.",
        secret: false,
        read: |c, v| log_filter::check(v).map(|v| c.log = v),
    },
    Setting {
        key: "log_format",
        default: "text",
        doc: "text or json.",
        secret: false,
        read: |c, v| match v {
            "text" | "json" => {
                c.log_format = v.to_owned();
                Ok(())
            }
            _ => Err("must be text or json".into()),
        },
    },
    Setting {
        key: "metrics_listen",
        default: "",
        doc: "Address and port for Prometheus, as in 127.0.0.1:9464; empty: no metrics. Keep it away from readers.",
        secret: false,
        read: |c, v| {
            c.metrics_listen = match v {
                "" => None,
                _ => Some(
                    v.parse()
                        .map_err(|_| "must be ADDRESS:PORT, as in 127.0.0.1:9464")?,
                ),
            };
            Ok(())
        },
    },
    limit_setting(
        Action::Read,
        "limits.read",
        "Requests of any kind, including refused ones, except for scripts and other files; per address or global. Rendering a thread counts once more for each 32 KiB of comments; a cached response does not.",
    ),
    limit_setting(
        Action::Post,
        "limits.post",
        "Writing comments: address=COUNT/TIME site=… global=…, or off.",
    ),
    limit_setting(
        Action::Edit,
        "limits.edit",
        "Editing and deleting one's own comments.",
    ),
    limit_setting(Action::Vote, "limits.vote", "Voting."),
    limit_setting(Action::Preview, "limits.preview", "Previews."),
    limit_setting(
        Action::Login,
        "limits.login",
        "Attempts to sign in on unknown devices, over all accounts; each account has delays as well. off: neither.",
    ),
    Setting {
        key: "cache",
        default: "20",
        doc: "Memory for cached threads, in MiB; 0 turns the cache off.",
        secret: false,
        read: |c, v| number(v, 0, 1_000_000).map(|v| c.cache = v),
    },
    Setting {
        key: "max_connections",
        default: "10000",
        doc: "Connections at once; more wait in the system's queue.",
        secret: false,
        read: |c, v| number(v, 1, 1_000_000).map(|v| c.max_connections = v as usize),
    },
    Setting {
        key: "max_connections_per_address",
        default: "200",
        doc: "Connections at once from one address (IPv6: one /64); trusted proxies are exempt.",
        secret: false,
        read: |c, v| number(v, 1, 1_000_000).map(|v| c.max_connections_per_address = v as u32),
    },
    Setting {
        key: "timeout",
        default: "10",
        doc: "Seconds for a request's head, for its body, and for the client to take each part of the response.",
        secret: false,
        read: |c, v| number(v, 1, 3_600).map(|v| c.timeout = v),
    },
    Setting {
        key: "stop_timeout",
        default: "10",
        doc: "Seconds that requests in progress get when the server stops.",
        secret: false,
        read: |c, v| number(v, 0, 3_600).map(|v| c.stop_timeout = v),
    },
];

const fn limit_setting(action: Action, key: &'static str, doc: &'static str) -> Setting {
    // A function pointer cannot capture the action, so each has its own closure.
    let read: fn(&mut Config, &str) -> Result<(), String> = match action {
        Action::Read => |c, v| limit(c, Action::Read, v),
        Action::Post => |c, v| limit(c, Action::Post, v),
        Action::Edit => |c, v| limit(c, Action::Edit, v),
        Action::Vote => |c, v| limit(c, Action::Vote, v),
        Action::Preview => |c, v| limit(c, Action::Preview, v),
        Action::Login => |c, v| limit(c, Action::Login, v),
    };
    Setting {
        key,
        default: action.default_words(),
        doc,
        secret: false,
        read,
    }
}

fn limit(config: &mut Config, action: Action, words: &str) -> Result<(), String> {
    config.limits[action as usize] = RateLimit::parse(words)?;
    Ok(())
}

fn filled(value: &str) -> Result<&str, String> {
    if value.is_empty() {
        Err("must not be empty".into())
    } else {
        Ok(value)
    }
}

fn number(value: &str, least: u64, most: u64) -> Result<u64, String> {
    value
        .parse()
        .ok()
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

fn base_url(config: &mut Config, value: &str) -> Result<(), String> {
    let wrong =
        "must be an http or https address without query and fragment, as in https://comments.example.org";
    let url = url::Url::parse(value).map_err(|_| wrong.to_owned())?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain {
        return Err(wrong.into());
    }
    config.base_url = url.as_str().trim_end_matches('/').to_owned();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_url_has_no_slash_at_its_end_and_keeps_a_path() {
        let mut config = Config::default();
        base_url(&mut config, "https://Example.org/comments/").unwrap();
        assert_eq!(config.base_url(), "https://example.org/comments");
        assert!(base_url(&mut config, "ftp://example.org").is_err());
        assert!(base_url(&mut config, "https://example.org/?a").is_err());
    }
}
