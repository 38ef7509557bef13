//! Checks the running server, directly and through `base_url` as browsers do; and the proxy between them.
//!
//! Only the received request shows how a proxy is configured, so the server reports how it received it
//! (`web::doctor`), to a client with a token that proves the same secret.

use std::time::Duration;

use super::finding::Findings;
use crate::{
    app::{ErrorKind, secret::Secret},
    cli::open,
    config::Config,
    model::time::Clock,
    net::client::{Client, Limits, OwnServer, Response},
    view::asset::ASSETS,
    web::doctor::{ForwardingFault, ObservedRequest, token},
};

/// An address without a host (RFC 5737): if the server reports it as the client's, it trusted a forged header.
const TEST_CLIENT_ADDRESS: &str = "192.0.2.77";

/// The limits of each request. The largest response is the widget's script.
const LIMITS: Limits = Limits {
    timeout: Duration::from_secs(10),
    max_body_bytes: 4 * 1024 * 1024,
};

/// A server that can be reached at `base_url`.
pub(super) struct ReachableServer {
    pub(super) client: Client<OwnServer>,
    pub(super) base: String,
}

/// Checks the server; returns it if `base_url` leads to it.
pub(super) fn check(
    config: &Config,
    secret: Option<&Secret>,
    findings: &mut Findings,
) -> Option<ReachableServer> {
    let base = config.base_url();
    address(config, &base, findings);
    let direct = format!("http://{}", open::reachable(config.listen));
    let client = Client::own_server(&[&base, &direct], LIMITS);
    if let Err(error) = health(&client, &direct) {
        findings.warning(
            "server",
            format!("no server responds at {direct}: {error}; base_url, proxy and origins were not checked"),
            "start Afterword with this configuration and run doctor again",
        );
        return None;
    }
    findings.ok("server", format!("it responds at {direct}"));
    if let Err(error) = health(&client, &base) {
        findings.error(
            "base_url",
            format!("browsers do not reach the server at {base}: {error}"),
            "correct AFTERWORD_BASE_URL, DNS, the certificate, or the proxy’s upstream and path",
        );
        return None;
    }
    let server = ReachableServer { client, base };
    let ours = match secret {
        Some(secret) => ask(&server, secret, &[]),
        None => Err("the secret cannot be read here".into()),
    };
    match ours {
        Ok(seen) => {
            findings.ok("base_url", format!("{} leads to this server", server.base));
            version(&seen, findings);
            proxy(config, &server, secret, &seen, findings);
        }
        Err(error) => {
            findings.error(
                "base_url",
                format!("{} does not lead to a server with this secret: {error}", server.base),
                "run doctor with the server’s own configuration and as its user; restart a server that is older than this program",
            );
            return None;
        }
    }
    widget(&server, findings);
    Some(server)
}

fn address(config: &Config, base: &str, findings: &mut Findings) {
    let local = url::Url::parse(base).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    });
    if config.base_url.is_empty() && !config.listen.ip().is_loopback() {
        findings.error(
            "base_url",
            format!("it is not set, so browsers are sent to {base}"),
            "set AFTERWORD_BASE_URL to the address that browsers use, as in https://comments.example",
        );
    } else if local {
        findings.warning(
            "base_url",
            format!("{base} is this machine alone: good for trying it, not for readers"),
            "set AFTERWORD_BASE_URL to the address that browsers use, as in https://comments.example",
        );
    } else if base.starts_with("http://") {
        findings.error(
            "base_url",
            "it is not https: pages that are cannot load it, and passwords go in clear",
            "put a proxy with a certificate in front (docs/proxies), and set AFTERWORD_BASE_URL to https://…",
        );
    }
}

/// The error code of a response, if its body is an error of Afterword's API.
pub(super) fn error_code(answer: &Response) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    Some(json["error"]["code"].as_str()?.to_owned())
}

/// The kind of the API's error; none where the code is of another version.
pub(super) fn error_kind(answer: &Response) -> Option<ErrorKind> {
    ErrorKind::parse(&error_code(answer)?)
}

/// Checks that a healthy Afterword answers at `base`.
fn health(client: &Client<OwnServer>, base: &str) -> Result<(), String> {
    let answer = client
        .get(&format!("{base}/healthz"), &[])
        .map_err(|error| error.to_string())?;
    let ours =
        serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok_and(|json| json["status"] == "ok");
    match (answer.status, answer.all("location").first()) {
        (200, _) if ours => Ok(()),
        (200, _) => Err("another program answers".into()),
        (300..=399, Some(elsewhere)) => Err(format!("it redirects to {elsewhere}")),
        (status, _) => Err(format!("it answers {status}")),
    }
}

/// The request as the server received it.
fn ask(
    server: &ReachableServer,
    secret: &Secret,
    headers: &[(&str, &str)],
) -> Result<ObservedRequest, String> {
    let bearer = format!("Bearer {}", token(secret, Clock::system().now().0));
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    let answer = server
        .client
        .get(&format!("{}/healthz/doctor", server.base), &all)
        .map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("it answers {}", answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
}

fn version(seen: &ObservedRequest, findings: &mut Findings) {
    let mine = env!("CARGO_PKG_VERSION");
    if seen.version != mine {
        findings.warning(
            "server",
            format!("the server is version {}, this program {mine}", seen.version),
            "restart the server, so that the new program runs",
        );
    }
}

fn proxy(
    config: &Config,
    server: &ReachableServer,
    secret: Option<&Secret>,
    seen: &ObservedRequest,
    findings: &mut Findings,
) {
    let (header, peer) = (&seen.header, seen.peer.as_deref().unwrap_or("an unknown peer"));
    // The server's own port without TLS: no proxy is assumed.
    let direct = url::Url::parse(&server.base)
        .is_ok_and(|url| url.scheme() == "http" && url.port_or_known_default() == Some(config.listen.port()));
    if seen.trouble == Some(ForwardingFault::NotTrusted) || (seen.forwarded && !seen.trusted) {
        let what = if seen.forwarded {
            header.as_str()
        } else {
            "a forwarding header"
        };
        return findings.error(
            "proxy",
            format!("{what} comes from {peer}, which is not trusted: all readers count as one, and share its limits"),
            format!("set AFTERWORD_TRUSTED_PROXIES={peer}, if that is your proxy"),
        );
    }
    if let Some(ForwardingFault::Unreadable(element)) = &seen.trouble {
        return findings.error(
            "proxy",
            format!("{header} from {peer} says “{element}”, which names no address: all readers count as one, and share its limits"),
            format!("let the proxy write the client’s address into {header} (docs/proxies), or name another header in AFTERWORD_FORWARDED_HEADER"),
        );
    }
    if let Some(ForwardingFault::OtherHeader(other)) = &seen.trouble {
        return findings.error(
            "proxy",
            format!("{other} arrives, and no {header}: all readers count as one, and share its limits"),
            format!("set AFTERWORD_FORWARDED_HEADER={other}, if your proxy sets it, or let it set {header}"),
        );
    }
    if seen.was_unreadable {
        findings.warning(
            "proxy",
            format!("since the server started, a trusted proxy sent a {header} that names no address: some readers may count as one"),
            format!("let every proxy write the client’s address into {header} (docs/proxies), then restart the server"),
        );
    }
    if !seen.forwarded && direct {
        return findings.ok("proxy", "there seems to be none between base_url and the server");
    }
    if !seen.forwarded {
        return findings.warning(
            "proxy",
            format!("no {header} arrives by base_url: all readers count as one, and share its limits"),
            format!(
                "let the proxy set {header} (docs/proxies), or name its header in AFTERWORD_FORWARDED_HEADER"
            ),
        );
    }
    // The proxy sends the client's address. Checked next: whether it passes on a forged one.
    let claimed = secret.map(|secret| ask(server, secret, &[(header, TEST_CLIENT_ADDRESS)]));
    match claimed {
        Some(Ok(claimed)) if claimed.client == TEST_CLIENT_ADDRESS => findings.error(
            "proxy",
            format!("it hands on the {header} of clients as it is: everybody can choose his address"),
            format!("let the proxy replace {header} by the client’s address, or append it (docs/proxies)"),
        ),
        Some(Err(error)) => findings.warning(
            "proxy",
            format!("a question with {header} was not answered: {error}"),
            "look at the proxy’s log",
        ),
        _ => findings.ok("proxy", format!("{peer} is trusted and says whom it speaks for")),
    }
}

/// Checks the script that pages load, as received: a cache may serve an old one.
fn widget(server: &ReachableServer, findings: &mut Findings) {
    let url = format!("{}/embed.js", server.base);
    let ours = ASSETS
        .iter()
        .find(|asset| asset.path == "embed.js")
        .map(|asset| asset.plain);
    match server.client.get(&url, &[]) {
        Ok(answer) if answer.status == 200 && Some(answer.body.as_slice()) == ours => {
            findings.ok("widget", "embed.js arrives as it was made");
        }
        Ok(answer) if answer.status == 200 => findings.warning(
            "widget",
            "embed.js arrives, but not the one of this program",
            "empty the caches before the server; if a proxy rewrites scripts, let it leave this one alone",
        ),
        Ok(answer) => findings.error(
            "widget",
            format!("{url} answers {}", answer.status),
            "let the proxy hand on every path below base_url",
        ),
        Err(error) => findings.error("widget", format!("{url}: {error}"), "look at the proxy’s log"),
    }
}
