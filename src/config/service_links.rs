//! Variables that begin with `AFTERWORD_` and are set by Kubernetes or Docker for a service of that name.
//!
//! A Service named `afterword` gives every container of its namespace `AFTERWORD_PORT=tcp://10.0.0.1:80`,
//! `AFTERWORD_SERVICE_HOST` and more, one named `afterword-web` `AFTERWORD_WEB_PORT`; `docker run --link` does the
//! same and adds `AFTERWORD_NAME` and `AFTERWORD_ENV_…`. They are recognized by name and value. Any other unknown
//! variable stops the start, since it may be a misspelt setting.

use std::net::IpAddr;

/// The origin of a variable that is not a setting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum VariableOrigin {
    /// Set by Kubernetes or Docker: ignored.
    Set,
    /// Named like one of theirs, with a value that they do not set: ignored with a warning.
    Nearly,
    /// Neither; with a hint if there is a better one than a similar name.
    No(Option<&'static str>),
}

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
const USE_LISTEN: &str = "; the port is set with AFTERWORD_LISTEN=ADDRESS:PORT";

/// Classifies a variable by its name after `AFTERWORD_`, its value, and the rest of the environment.
pub(super) fn classify(name: &str, value: &str, environment: &[(String, String)]) -> VariableOrigin {
    let words: Vec<&str> = name.split('_').collect();
    if words.iter().any(|word| word.is_empty()) {
        return VariableOrigin::No(None);
    }
    let sure = |fits: bool| {
        if fits {
            VariableOrigin::Set
        } else {
            VariableOrigin::Nearly
        }
    };
    match words.as_slice() {
        [.., "SERVICE", "HOST"] => sure(value.parse::<IpAddr>().is_ok()),
        [.., "SERVICE", "PORT"] => sure(is_port(value)),
        [.., "PORT", number, protocol] if is_port(number) && is_protocol(protocol) => sure(is_address(value)),
        [
            ..,
            "PORT",
            number,
            protocol,
            part @ ("PROTO" | "PORT" | "ADDR" | "START" | "END"),
        ] if is_port(number) && is_protocol(protocol) => sure(match *part {
            "PROTO" => is_protocol(&value.to_uppercase()),
            "PORT" => is_port(value),
            "ADDR" => value.parse::<IpAddr>().is_ok(),
            _ => is_address(value),
        }),
        // A range of ports that Docker links.
        [.., "PORT", number, protocol, "PORT", "START" | "END"]
            if is_port(number) && is_protocol(protocol) =>
        {
            sure(is_port(value))
        }
        _ if position(&words, &["SERVICE", "PORT"]).is_some() => sure(is_port(value)),
        // Names that could be meant as a setting: only with a value that nobody would set by hand.
        [.., "PORT"] if is_address(value) => VariableOrigin::Set,
        [.., "PORT"] => VariableOrigin::No(Some(USE_LISTEN)),
        [.., "NAME"] if is_link(value) => VariableOrigin::Set,
        // The linked container's own variables, next to the name of the link.
        _ => match position(&words, &["ENV"]) {
            Some(at) if at + 1 < words.len() && has_link(&words[..at], environment) => VariableOrigin::Set,
            _ => VariableOrigin::No(None),
        },
    }
}

/// The index of these consecutive words.
fn position(words: &[&str], wanted: &[&str]) -> Option<usize> {
    words.windows(wanted.len()).position(|window| window == wanted)
}

fn has_link(prefix: &[&str], environment: &[(String, String)]) -> bool {
    let name = [&["AFTERWORD"], prefix, &["NAME"]].concat().join("_");
    environment
        .iter()
        .any(|(known, value)| *known == name && is_link(value))
}

/// Returns true if this is a container and the link's name in it: `/web/afterword`.
fn is_link(value: &str) -> bool {
    value.starts_with('/') && value[1..].contains('/')
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn is_protocol(text: &str) -> bool {
    PROTOCOLS.contains(&text)
}

/// Returns true if this is an address like `tcp://10.0.0.1:80`.
fn is_address(value: &str) -> bool {
    value.split_once("://").is_some_and(|(protocol, place)| {
        let port = place.rsplit_once(':').map(|(_, port)| port);
        is_protocol(&protocol.to_uppercase()) && port.is_some_and(is_port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, value: &str) -> VariableOrigin {
        let link = [
            ("AFTERWORD_NAME", "/web/afterword"),
            ("AFTERWORD_DB_NAME", "/web/afterword-db"),
        ];
        let all = link.map(|(name, value)| (name.to_owned(), value.to_owned()));
        classify(name, value, &all)
    }

    #[test]
    fn what_kubernetes_and_docker_set_is_ignored() {
        for (name, value) in [
            ("PORT", "tcp://10.0.0.1:80"),
            ("PORT", "udp://[fd00::1]:53"),
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_HOST", "fd00::1"),
            ("SERVICE_PORT", "80"),
            ("SERVICE_PORT_HTTP", "80"),
            ("SERVICE_PORT_HTTP_METRICS", "9464"),
            ("PORT_80_TCP", "tcp://10.0.0.1:80"),
            ("PORT_80_TCP_PROTO", "tcp"),
            ("PORT_80_TCP_PORT", "80"),
            ("PORT_80_TCP_ADDR", "10.0.0.1"),
            ("PORT_53_UDP_PROTO", "udp"),
            ("PORT_9_SCTP", "sctp://10.0.0.1:9"),
            ("WEB_PORT", "tcp://10.0.0.2:80"),
            ("WEB_SERVICE_HOST", "10.0.0.2"),
            ("WEB_SERVICE_PORT_HTTPS", "443"),
            ("WEB_PORT_443_TCP_ADDR", "10.0.0.2"),
            ("METRICS_LISTEN_SERVICE_HOST", "10.0.0.3"),
            ("NAME", "/web/afterword"),
            ("PORT_8080_TCP_START", "tcp://172.17.0.2:8080"),
            ("PORT_8080_TCP_PORT_END", "8090"),
            ("ENV_AFTERWORD_LISTEN", "0.0.0.0:80"),
            ("ENV_PATH", ""),
            ("DB_NAME", "/web/afterword-db"),
            ("DB_ENV_PGDATA", "/var/lib"),
        ] {
            assert_eq!(judged(name, value), VariableOrigin::Set, "{name}={value}");
        }
    }

    #[test]
    fn a_nearly_matching_variable_is_reported() {
        for (name, value) in [
            ("SERVICE_HOST", "db.example"),
            ("SERVICE_PORT", ""),
            ("SERVICE_PORT_HTTP", "http"),
            ("PORT_80_TCP", "10.0.0.1:80"),
            ("PORT_80_TCP_ADDR", "here"),
            ("WEB_SERVICE_HOST", ""),
        ] {
            assert_eq!(judged(name, value), VariableOrigin::Nearly, "{name}={value}");
        }
    }

    #[test]
    fn what_may_be_meant_for_this_program_stops_it() {
        for (name, value) in [
            ("LISTN", "127.0.0.1:1"),
            ("TIMEOUTS", "3"),
            ("NAME", "comments"),
            ("DATABASE_NAME", "comments"),
            ("ENV", "production"),
            ("ENVIRONMENT", "x"),
            ("OTHER_ENV_PGDATA", "x"),
            ("HOST", "10.0.0.1"),
            ("SERVICE", "x"),
            ("PORT_HTTP", "80"),
            ("LISTEN_", "127.0.0.1:1"),
            ("", "x"),
        ] {
            assert_eq!(judged(name, value), VariableOrigin::No(None), "{name}={value}");
        }
        for (name, value) in [
            ("PORT", "8080"),
            ("HTTP_PORT", "80"),
            ("PORT", "http://10.0.0.1:80"),
            ("PORT", ""),
        ] {
            assert_eq!(
                judged(name, value),
                VariableOrigin::No(Some(USE_LISTEN)),
                "{name}={value}"
            );
        }
        assert_eq!(
            classify("ENV_PATH", "x", &[]),
            VariableOrigin::No(None),
            "no link of that name"
        );
    }
}
