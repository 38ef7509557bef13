//! Headers that a proxy in front of the server sets or removes.

use super::{SITE, correct_proxy, doctor, findings_behind_proxy, installed, unchanged};
use crate::support::{
    http::{Answer, send},
    program::{Server, free_address},
    proxy::ProxiedRequest,
};

#[test]
fn forwarding_headers_of_a_proxy_are_checked() {
    findings_behind_proxy("10.0.0.0/8", correct_proxy, unchanged).says(
        "proxy",
        "error",
        "comes from 127.0.0.1, which is not trusted",
    );
    findings_behind_proxy("127.0.0.1", |_| (), unchanged).says(
        "proxy",
        "warning",
        "no x-forwarded-for arrives",
    );
    // It adds its header only if the client sent none.
    let adds_if_absent = |request: &mut ProxiedRequest| {
        if !request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("x-forwarded-for"))
        {
            request.forward_for("203.0.113.9");
        }
    };
    findings_behind_proxy("127.0.0.1", adds_if_absent, unchanged).says(
        "proxy",
        "error",
        "everybody can choose his address",
    );
    // Appending works like replacing.
    let appending = |request: &mut ProxiedRequest| request.add("X-Forwarded-For", "203.0.113.9");
    findings_behind_proxy("127.0.0.1", appending, unchanged).says("proxy", "ok", "is trusted");
}

#[test]
fn unusable_forwarding_headers_are_reported() {
    let saying = |header: &'static str, value: &'static str| {
        findings_behind_proxy(
            "127.0.0.1",
            move |request: &mut ProxiedRequest| request.add(header, value),
            unchanged,
        )
    };
    for element in [
        "unknown",
        "_hidden",
        "203.0.113.9:port",
        "[203.0.113.9]",
        "localhost",
    ] {
        let message = format!("says “{element}”, which names no address");
        saying("X-Forwarded-For", element).says("proxy", "error", &message);
    }
    for (header, value) in [("Forwarded", "for=203.0.113.9"), ("X-Real-IP", "203.0.113.9")] {
        let message = format!("{} arrives, and no x-forwarded-for", header.to_lowercase());
        saying(header, value).says("proxy", "error", &message);
    }
    for value in ["203.0.113.9:567", "[2001:db8::9]:443", "\"[2001:db8::9]\""] {
        saying("X-Forwarded-For", value).says("proxy", "ok", "is trusted");
    }
    let forwarded = |request: &mut ProxiedRequest| request.add("Forwarded", "for=203.0.113.9");
    findings_behind_proxy("10.0.0.0/8", forwarded, unchanged).says(
        "proxy",
        "error",
        "a forwarding header comes from 127.0.0.1, which is not trusted",
    );
}

#[test]
fn earlier_unusable_headers_are_reported() {
    let (folder, address) = (installed(), free_address());
    let flags = ["--set", "trusted_proxies=127.0.0.1"];
    let _server = Server::at(folder.path(), address, &flags);
    let listen = address.to_string();
    let look = || doctor(folder.path(), &[&flags[..], &["--listen", &listen]].concat());
    assert!(look().at("proxy", "warning").is_empty(), "control");
    let headers = [("X-Forwarded-For", "unknown")];
    send(address, "GET", "/healthz", &headers, b"");
    look().says("proxy", "warning", "since the server started");
}

#[test]
fn cors_headers_of_a_proxy_are_reported() {
    let twice = |_: &ProxiedRequest, answer: &mut Answer| {
        answer
            .headers
            .push(("Access-Control-Allow-Origin".into(), "*".into()));
    };
    findings_behind_proxy("127.0.0.1", correct_proxy, twice).says("origins", "error", "more than once");
    let without = |_: &ProxiedRequest, answer: &mut Answer| {
        answer
            .headers
            .retain(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control"));
    };
    findings_behind_proxy("127.0.0.1", correct_proxy, without).says("origins", "error", "is missing");
    let no_options = |request: &ProxiedRequest, answer: &mut Answer| {
        if request.method == "OPTIONS" {
            answer.status = 405;
        }
    };
    findings_behind_proxy("127.0.0.1", correct_proxy, no_options).says(
        "origins",
        "error",
        "the preflight is answered 405",
    );
    let only_post = |_: &ProxiedRequest, answer: &mut Answer| {
        for (name, value) in &mut answer.headers {
            if name.eq_ignore_ascii_case("access-control-allow-methods") {
                *value = "GET, POST".into();
            }
        }
    };
    findings_behind_proxy("127.0.0.1", correct_proxy, only_post).says("origins", "error", "lacks PATCH");
    let origin_lost = |request: &mut ProxiedRequest| {
        correct_proxy(request);
        request.remove("origin");
    };
    findings_behind_proxy("127.0.0.1", origin_lost, unchanged).says("origins", "error", "origin_missing");
    let origin_set = |request: &mut ProxiedRequest| {
        correct_proxy(request);
        if request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("origin"))
        {
            request.remove("origin");
            request.add("Origin", SITE);
        }
    };
    findings_behind_proxy("127.0.0.1", origin_set, unchanged).says(
        "origins",
        "error",
        "not registered could post",
    );
    let old_script = |request: &ProxiedRequest, answer: &mut Answer| {
        if request.path == "/embed.js" {
            answer.body.extend_from_slice(b"\n// injected");
        }
    };
    findings_behind_proxy("127.0.0.1", correct_proxy, old_script).says(
        "widget",
        "warning",
        "not the one of this program",
    );
}
