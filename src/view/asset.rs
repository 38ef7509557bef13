//! The files in the binary, as build.rs put them there: the widget's and the pages' own.
//!
//! Only lists them; [`places`] says which lies where, `web::embed` serves them.

// Run by build.rs; here it is only tested.
#[cfg(test)]
mod places;

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

/// The address of a file of the pages, e.g. `page.css`.
#[must_use]
pub fn page_asset(base_url: &str, name: &str) -> String {
    format!("{base_url}/{PAGES}/{name}")
}
