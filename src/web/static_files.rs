//! The widget's files and the pages' style sheets, which build.rs put into the binary.
//!
//! Scripts that pages name are revalidated; all other files lie in a folder that is named after their content, and never
//! change. The folders of other builds have the files of this build. There is a catalogue for every language: an unknown
//! one gets an empty module, since a missing module would be an error in the reader's console. `view/asset/manifest.rs` has
//! the list of files.

use std::sync::LazyLock;

use warp::{
    http::{HeaderValue, StatusCode, header},
    reply::Response,
};

use crate::{
    app::{App, Error, ErrorKind},
    model::language,
    view::asset::{ASSETS, Asset, EMBED, PAGES},
    web::{
        http::{conditional, encoded_response::Encoding, request::Incoming, response},
        route::Methods,
    },
};

/// The languages with a catalogue for the widget. That of English is empty: the widget contains its texts.
static LANGUAGES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .filter_map(|asset| tag(asset.path))
        .filter(|tag| language::is_tag(tag))
        .collect()
});

/// The file that a page requests when its script does not fit the response of the API…
const UPGRADED: &str = "upgraded.js";
/// … and the file that it gets if its script is of another build: it loads the present one.
const PRESENT: &str = "present.js";

/// A file, and whether its path contains the hash of its content.
struct FoundFile {
    asset: &'static Asset,
    immutable: bool,
}

/// Answers `/embed.js` and the scripts beside it, `/embed/…`, `/assets/…`, `/js/…` and `/web/…`.
pub(super) fn handle(app: &App, path: &str, request: &Incoming) -> Result<Response, Error> {
    if let Some(refusal) = request.refuse_method(Methods::READ, app) {
        return Ok(refusal);
    }
    let FoundFile { asset, immutable } = find(path).ok_or(ErrorKind::NotFound)?;
    let encoding = Encoding::asked(&request.headers, Encoding::BUILT);
    let bytes = match encoding {
        Encoding::Brotli => asset.brotli,
        Encoding::Gzip => asset.gzip,
        Encoding::Zstandard | Encoding::Plain => asset.plain,
    };
    let encoding = encoding.name();
    // Hexadecimal digits and the name of an encoding are always a valid header value.
    let etag = format!("\"{}{}\"", asset.etag, encoding.unwrap_or(""));
    let etag = HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\""));
    let has_it = conditional::is_known(&request.headers, &etag);
    let mut response = Response::new(if has_it {
        Vec::new().into()
    } else {
        bytes::Bytes::from_static(bytes).into()
    });
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    if let Some(encoding) = encoding.filter(|_| !has_it) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let caching = if immutable {
        "public, max-age=31536000, immutable"
    } else if ["embed/", "assets/"]
        .iter()
        .any(|folder| path.starts_with(folder))
    {
        // After an upgrade another build may answer.
        "public, no-cache"
    } else {
        "public, max-age=600, stale-while-revalidate=604800"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::ETAG, etag);
    response::allow_any_origin(&mut response);
    if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    Ok(response)
}

/// The file at a path; for a catalogue, that of the nearest language. The folder of another build has the files of this
/// build: a page that was opened before an upgrade, or a cached loader, requests them there.
fn find(path: &str) -> Option<FoundFile> {
    let at = |path: &str| ASSETS.iter().find(|asset| asset.path == path);
    let exact = |path: &str| {
        at(path).or_else(|| {
            let asked = tag(path).filter(|tag| language::is_tag(&tag.replace('_', "-")))?;
            let nearest = language::nearest(asked, &LANGUAGES).unwrap_or("en");
            at(&format!("{EMBED}/i18n/{nearest}.js"))
        })
    };
    let here = exact(path).map(|asset| FoundFile {
        asset,
        immutable: [EMBED, PAGES].iter().any(|folder| path.starts_with(folder)),
    });
    here.or_else(|| {
        let present = of_another_build(path)?;
        let asset = if present == format!("{EMBED}/{UPGRADED}") {
            at(PRESENT)?
        } else {
            exact(&present)?
        };
        Some(FoundFile {
            asset,
            immutable: false,
        })
    })
}

/// The path in this build's folder of a file in another build's folder.
fn of_another_build(path: &str) -> Option<String> {
    let mut segments = path.splitn(3, '/');
    let present = match segments.next()? {
        "embed" => EMBED,
        "assets" => PAGES,
        _ => return None,
    };
    let folder = segments.next()?;
    let is_name =
        (1..=32).contains(&folder.len()) && folder.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some(format!("{present}/{}", segments.next()?))
}

/// The language tag in the path of a catalogue: `de` of `embed/HASH/i18n/de.js`.
fn tag(path: &str) -> Option<&str> {
    path.strip_prefix(EMBED)?
        .strip_prefix("/i18n/")?
        .strip_suffix(".js")
}
