//! The files in the binary, as build.rs put them there: the widget's and the pages' own.
//!
//! Only lists them; `manifest` says which lies where, `web::static_files` serves them.

#[cfg(test)]
mod manifest;

// Run by build.rs; here it is only tested.

/// A file in the binary.
pub(crate) struct Asset {
    /// Its path on the comment origin, without a slash at the beginning.
    pub(crate) path: &'static str,
    /// Its media type.
    pub(crate) kind: &'static str,
    /// A hash of its content.
    pub(crate) etag: &'static str,
    /// As it is.
    pub(crate) plain: &'static [u8],
    /// As brotli.
    pub(crate) brotli: &'static [u8],
    /// As gzip.
    pub(crate) gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What a `<script>` says in `integrity` to run these bytes and no others.
#[must_use]
pub fn integrity(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha384};
    format!("sha384-{}", data_encoding::BASE64.encode(&Sha384::digest(bytes)))
}

/// The script that owners paste, pinned to this build: its address with the version, and its [`integrity`].
/// The version keeps caches from answering with the bytes of another build.
#[must_use]
pub fn pinned_loader(base_url: &str) -> (String, String) {
    let loader = ASSETS.iter().find(|asset| asset.path == "embed.js");
    let (version, bytes) = loader.map_or(("", &b""[..]), |asset| (asset.etag, asset.plain));
    (format!("{base_url}/embed.js?v={version}"), integrity(bytes))
}

/// The address of a file of the pages, e.g. `page.css`.
#[must_use]
pub fn page_asset(base_url: &str, name: &str) -> String {
    format!("{base_url}/{PAGES}/{name}")
}
