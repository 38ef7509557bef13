//! Checks CORS for each registered origin as a browser does: a real preflight, and a post that stores nothing.
//!
//! The post is an empty object. A server that accepts the origin refuses it as `bad_json`; a server that does not, or
//! a proxy that changes headers, responds differently.

use super::finding::Findings;
use crate::{
    app::ErrorKind,
    cli::doctor::server::{ReachableServer, error_code, error_kind},
    model::site::{DEMO_SITE, Site},
    net::client::{NetError, Response},
};

/// An origin that cannot be registered (RFC 2606).
const UNREGISTERED_ORIGIN: &str = "https://afterword-doctor.invalid";

pub(super) fn check(server: &ReachableServer, sites: &[Site], findings: &mut Findings) {
    if sites.len() > 1 && sites.iter().any(|site| site.name.as_str() == DEMO_SITE) {
        // After the demo has ended, its site does not exist; before, the server checks the origin first.
        let is_open = dry_post(server, DEMO_SITE, UNREGISTERED_ORIGIN).is_ok_and(|answer| {
            error_code(&answer).is_some() && error_kind(&answer) != Some(ErrorKind::SiteNotFound)
        });
        if is_open {
            findings.error(
                "demo",
                "the demo still takes comments beside a registered site",
                "`afterword site remove demo`, and restart the server: an older one is running",
            );
        }
    }
    for site in sites.iter().filter(|site| site.name.as_str() != DEMO_SITE) {
        let name = site.name.as_str();
        if site.origins.is_empty() {
            findings.warning(
                "origins",
                format!("{name} has no origin, so no page can post"),
                format!("`afterword site origin {name} https://…`"),
            );
        }
        for origin in &site.origins {
            let origin = origin.as_str();
            let wrong = mixed(origin, &server.base)
                .or_else(|| preflight(server, name, origin).err())
                .or_else(|| post(server, name, origin).err());
            match wrong {
                None => findings.ok("origins", format!("{origin} can read and post to {name}")),
                Some((message, fix)) => {
                    findings.error("origins", format!("{origin}, {name}: {message}"), fix)
                }
            }
        }
        if let Some((message, fix)) = stranger(server, name) {
            findings.error("origins", format!("{name}: {message}"), fix);
        }
    }
}

type Wrong = (String, String);

fn wrong<T>(message: impl Into<String>, fix: impl Into<String>) -> Result<T, Wrong> {
    Err((message.into(), fix.into()))
}

/// Checks for mixed content: a page served by https loads nothing by http.
fn mixed(origin: &str, base: &str) -> Option<Wrong> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let blocked = origin.starts_with("https://")
        && base.starts_with("http://")
        && !local.iter().any(|local| base.starts_with(local));
    blocked.then(|| {
        (
            "browsers block http from a page that came by https".to_owned(),
            "serve base_url by https".to_owned(),
        )
    })
}

fn url(server: &ReachableServer, site: &str) -> String {
    format!("{}/api/v1/sites/{site}/comments", server.base)
}

fn preflight(server: &ReachableServer, site: &str, origin: &str) -> Result<(), Wrong> {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    let fix = "let the proxy hand OPTIONS and all Access-Control headers through, and add none of its own";
    let answer = match server.client.request("OPTIONS", &url(server, site), &headers, "") {
        Ok(answer) => answer,
        Err(error) => return wrong(format!("the preflight is not answered: {error}"), fix),
    };
    if !(200..=299).contains(&answer.status) {
        return wrong(format!("the preflight is answered {}", answer.status), fix);
    }
    allowed(&answer, origin)?;
    for (header, wanted) in [
        (
            "access-control-allow-methods",
            ["POST", "PATCH", "DELETE", "PUT"].as_slice(),
        ),
        (
            "access-control-allow-headers",
            ["authorization", "content-type"].as_slice(),
        ),
    ] {
        let granted = answer.all(header).join(",").to_ascii_lowercase();
        let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
        if let Some(missing) = wanted
            .iter()
            .find(|word| !granted.contains(&word.to_ascii_lowercase().as_str()))
        {
            return wrong(format!("{header} of the preflight lacks {missing}"), fix);
        }
    }
    Ok(())
}

/// Checks that there is exactly one permission, for this origin: browsers refuse two, even if they are equal.
fn allowed(answer: &Response, origin: &str) -> Result<(), Wrong> {
    let fix = "let the proxy add no Access-Control-Allow-Origin: the server sends it already";
    match answer.all("access-control-allow-origin").as_slice() {
        ["*"] => Ok(()),
        [one] if *one == origin => Ok(()),
        [] => wrong(
            "Access-Control-Allow-Origin is missing",
            "let the proxy hand it through",
        ),
        [one] => wrong(format!("Access-Control-Allow-Origin is {one}"), fix),
        _ => wrong(
            "Access-Control-Allow-Origin was sent more than once, which browsers refuse",
            fix,
        ),
    }
}

fn dry_post(server: &ReachableServer, site: &str, origin: &str) -> Result<Response, NetError> {
    let headers = [("origin", origin), ("content-type", "application/json")];
    server.client.request("POST", &url(server, site), &headers, "{}")
}

fn post(server: &ReachableServer, site: &str, origin: &str) -> Result<(), Wrong> {
    let answer = match dry_post(server, site, origin) {
        Ok(answer) => answer,
        Err(error) => {
            return wrong(
                format!("a post is not answered: {error}"),
                "look at the proxy’s log",
            );
        }
    };
    allowed(&answer, origin)?;
    let fix = match error_kind(&answer) {
        Some(ErrorKind::BadJson) => return Ok(()),
        Some(ErrorKind::OriginMissing | ErrorKind::OriginNotAllowed) => {
            "let the proxy hand the Origin header through as it is"
        }
        _ => "let the proxy hand POST with its body through as it is",
    };
    let code = error_code(&answer).unwrap_or_else(|| answer.status.to_string());
    wrong(format!("a post is refused: {code}"), fix)
}

/// Checks that an unregistered origin is refused, also behind the proxy.
fn stranger(server: &ReachableServer, site: &str) -> Option<Wrong> {
    let kind = error_kind(&dry_post(server, site, UNREGISTERED_ORIGIN).ok()?);
    (kind != Some(ErrorKind::OriginNotAllowed)).then(|| {
        (
            "a page of an origin that is not registered could post".to_owned(),
            "let the proxy hand the Origin header through as it is".to_owned(),
        )
    })
}
