//! Query parameters of trackers and reply links, which do not identify the page. Secrets are in
//! [`crate::model::page::credentials`].
//!
//! The list holds names that only trackers and reply links use. A doubtful name is left out: two threads for one page
//! are a nuisance, one thread for two pages is a fault.

use std::borrow::Cow;

const PREFIXES: &[&str] = &["utm_", "mtm_", "pk_", "piwik_", "hsa_"];

const NAMES: &[&str] = &[
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "gad_source",
    "gad_campaignid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "epik",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "vero_id",
    "vero_conv",
    "oly_anon_id",
    "oly_enc_id",
    "_ga",
    "_gl",
    "srsltid",
    "s_kwcid",
    "ef_id",
    "ref_src",
    "ref_url",
    "_openstat",
    "wickedid",
    "rb_clickid",
    "replytocom",
];

/// `query` without tracking and empty parameters; the others keep their order and spelling.
pub(super) fn drop_tracking(query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && !is_tracking(part))
        .collect();
    kept.join("&")
}

fn is_tracking(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or(parameter);
    let name: Cow<'_, str> = url::form_urlencoded::parse(name.as_bytes())
        .next()
        .map_or(Cow::Borrowed(name), |(name, _)| name);
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trackers_go() {
        assert_eq!(
            drop_tracking("a=1&utm_source=x&&b&FBCLID=2&%75tm_term=z&ref=3&c="),
            "a=1&b&ref=3&c="
        );
        assert_eq!(drop_tracking("utm_source"), "");
        assert_eq!(
            drop_tracking("page=utm_source&x=gclid"),
            "page=utm_source&x=gclid"
        );
    }
}
