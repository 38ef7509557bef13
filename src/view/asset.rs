//! The embedded files of the widget and the pages, as build.rs listed them.
//!
//! `manifest` decides their paths, `web::static_files` serves them.

#[cfg(test)]
mod manifest;

// Used by build.rs; compiled here for its tests only.

/// An embedded file.
pub(crate) struct Asset {
    /// Path on the comment origin, without a leading slash.
    pub(crate) path: &'static str,
    /// Media type.
    pub(crate) kind: &'static str,
    /// A hash of its content.
    pub(crate) etag: &'static str,
    /// Uncompressed content.
    pub(crate) plain: &'static [u8],
    /// Content as brotli.
    pub(crate) brotli: &'static [u8],
    /// Content as gzip.
    pub(crate) gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The `integrity` value with which a `<script>` runs only these bytes.
#[must_use]
pub fn integrity(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha384};
    format!("sha384-{}", data_encoding::BASE64.encode(&Sha384::digest(bytes)))
}

/// The embed code's script, pinned to this build: its address with the version, and its [`integrity`]. The version
/// keeps caches from serving the bytes of another build.
#[must_use]
pub fn pinned_loader(base_url: &str) -> (String, String) {
    let loader = ASSETS.iter().find(|asset| asset.path == "embed.js");
    let (version, bytes) = loader.map_or(("", &b""[..]), |asset| (asset.etag, asset.plain));
    (format!("{base_url}/embed.js?v={version}"), integrity(bytes))
}

/// The URL of a file of the pages, e.g. `page.css`.
#[must_use]
pub fn page_asset(base_url: &str, name: &str) -> String {
    format!("{base_url}/{PAGES}/{name}")
}
