//! CORS as a browser on each registered origin would see it: a real preflight, and a post that stores nothing.
//!
//! The post is an empty object. A server that takes the origin refuses it as `bad_json`; one that does not, or a proxy
//! that changes headers, shows itself by another answer.

use super::finding::Findings;
use crate::{
    app::ErrorKind,
    cli::doctor::{http_client::ServerResponse, server::ReachableServer},
    model::site::{DEMO_SITE, Site},
};

/// An origin that nobody can register (RFC 2606).
const UNREGISTERED_ORIGIN: &str = "https://afterword-doctor.invalid";

pub(super) fn check(door: &ReachableServer, sites: &[Site], findings: &mut Findings) {
    if sites.len() > 1 && sites.iter().any(|site| site.name.as_str() == DEMO_SITE) {
        let code = dry_post(door, DEMO_SITE, UNREGISTERED_ORIGIN)
            .ok()
            .and_then(|answer| answer.code());
        // Closed, it answers like a site that never was; open, it looks at the origin first.
        if code.is_some_and(|code| code != ErrorKind::SiteNotFound.code()) {
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
            let wrong = mixed(origin, &door.base)
                .or_else(|| preflight(door, name, origin).err())
                .or_else(|| post(door, name, origin).err());
            match wrong {
                None => findings.ok("origins", format!("{origin} can read and post to {name}")),
                Some((message, fix)) => {
                    findings.error("origins", format!("{origin}, {name}: {message}"), fix)
                }
            }
        }
        if let Some((message, fix)) = stranger(door, name) {
            findings.error("origins", format!("{name}: {message}"), fix);
        }
    }
}

type Wrong = (String, String);

fn wrong<T>(message: impl Into<String>, fix: impl Into<String>) -> Result<T, Wrong> {
    Err((message.into(), fix.into()))
}

/// A page that came by https loads nothing that does not.
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

fn url(door: &ReachableServer, site: &str) -> String {
    format!("{}/api/v1/sites/{site}/comments", door.base)
}

fn preflight(door: &ReachableServer, site: &str, origin: &str) -> Result<(), Wrong> {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    let fix = "let the proxy hand OPTIONS and all Access-Control headers through, and add none of its own";
    let answer = match door.client.ask("OPTIONS", &url(door, site), &headers, "") {
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

/// Exactly one permission, which is for this origin: browsers refuse two, even if they are equal.
fn allowed(answer: &ServerResponse, origin: &str) -> Result<(), Wrong> {
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
            "Access-Control-Allow-Origin stands there twice, which browsers refuse",
            fix,
        ),
    }
}

fn dry_post(door: &ReachableServer, site: &str, origin: &str) -> Result<ServerResponse, String> {
    let headers = [("origin", origin), ("content-type", "application/json")];
    door.client.ask("POST", &url(door, site), &headers, "{}")
}

fn post(door: &ReachableServer, site: &str, origin: &str) -> Result<(), Wrong> {
    let answer = match dry_post(door, site, origin) {
        Ok(answer) => answer,
        Err(error) => {
            return wrong(
                format!("a post is not answered: {error}"),
                "look at the proxy’s log",
            );
        }
    };
    allowed(&answer, origin)?;
    let code = answer.code().unwrap_or_else(|| answer.status.to_string());
    if code == ErrorKind::BadJson.code() {
        return Ok(());
    }
    let fix = if code == ErrorKind::OriginMissing.code() || code == ErrorKind::OriginNotAllowed.code() {
        "let the proxy hand the Origin header through as it is"
    } else {
        "let the proxy hand POST with its body through as it is"
    };
    wrong(format!("a post is refused: {code}"), fix)
}

/// The other way round: what comes from elsewhere must be refused, also behind the proxy.
fn stranger(door: &ReachableServer, site: &str) -> Option<Wrong> {
    let code = dry_post(door, site, UNREGISTERED_ORIGIN).ok()?.code();
    let refused = code.as_deref() == Some(ErrorKind::OriginNotAllowed.code());
    (!refused).then(|| {
        (
            "a page of an origin that is not registered could post".to_owned(),
            "let the proxy hand the Origin header through as it is".to_owned(),
        )
    })
}
