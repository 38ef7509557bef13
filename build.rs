//! Embeds the built widget and the pages' style into the binary, hashed and compressed, and the checked phrases of
//! the pages for readers.
//!
//! Reads `embed/dist`, `embed/i18n` and `src/view/assets`; runs no bundler and no Node. Writes `assets.rs` with one
//! `Asset` per file and `catalogues.rs` with the phrases of each language. The paths of the files are decided in
//! `src/view/asset/manifest.rs`, the embedded phrases in `src/view/i18n/keys.rs`.

use std::{env, fmt::Write as _, fs, io::Write as _, path::Path};

use sha2::{Digest as _, Sha256};

use keys::MessageKey;
use manifest::{File, Manifest, build_manifest, hash};

#[path = "src/view/i18n/catalogue.rs"]
mod catalogue;
#[allow(unreachable_pub, reason = "in the crate they are reached")]
#[path = "src/view/i18n/keys.rs"]
mod keys;
#[path = "src/view/asset/manifest.rs"]
mod manifest;

/// A file in the catalogues' folder that is no catalogue: the time formats of each language.
const TIMES: &str = "times.json";

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let Manifest {
        folder: embed,
        files: widget,
    } = build_manifest(files(Path::new("embed/dist"))).unwrap_or_else(|error| panic!("{error}"));
    let own = files(Path::new("src/view/assets"));
    let pages = format!("assets/{}", hash(own.iter()));
    let own = own
        .iter()
        .map(|(name, bytes)| (format!("{pages}/{name}"), bytes.clone()));
    let mut list = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    for (n, (path, bytes)) in widget.into_iter().chain(own).enumerate() {
        add(&mut list, &out, n, &path, &bytes);
    }
    writeln!(
        list,
        "];\n/// Folder of the widget's other files.\npub(crate) const EMBED: &str = {embed:?};\n\
         /// Folder of the pages' own files.\npub(crate) const PAGES: &str = {pages:?};"
    )
    .expect("a String takes everything");
    fs::write(Path::new(&out).join("assets.rs"), list).expect("OUT_DIR is writable");
    let catalogues = catalogues(Path::new("embed/i18n")).unwrap_or_else(|error| panic!("{error}"));
    fs::write(Path::new(&out).join("catalogues.rs"), catalogues).expect("OUT_DIR is writable");
    for read in [
        "embed/dist",
        "embed/i18n",
        "src/view/assets",
        "src/view/asset/manifest.rs",
        "src/view/i18n/catalogue.rs",
        "src/view/i18n/keys.rs",
        "build.rs",
    ] {
        println!("cargo:rerun-if-changed={read}");
    }
}

/// The phrases of each language, in the order of [`MessageKey::ALL`].
///
/// # Errors
/// A sentence that names language and key.
fn catalogues(folder: &Path) -> Result<String, String> {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name))
            .map_err(|error| format!("cannot read {}: {error}", folder.join(name).display()))
    };
    let english = read("en.json")?;
    let keys: Vec<&str> = MessageKey::ALL.iter().map(|key| key.key()).collect();
    let mut names: Vec<String> = fs::read_dir(folder)
        .map_err(|error| format!("cannot read {}: {error}", folder.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json") && name != TIMES)
        .collect();
    names.sort();
    let (mut tags, mut list) = (Vec::new(), String::new());
    for name in names {
        let tag = name.trim_end_matches(".json");
        let phrases = catalogue::read(tag, &read(&name)?, &english, &keys)?;
        // The Debug form of pairs of strings is valid Rust.
        let phrases: String = phrases.iter().map(|forms| format!("&{forms:?},")).collect();
        writeln!(list, "    Messages {{ tag: {tag:?}, phrases: &[{phrases}] }},")
            .expect("a String takes everything");
        tags.push(tag.to_owned());
    }
    Ok(format!(
        "static TAGS: &[&str] = &{tags:?};\nstatic LANGUAGES: &[Messages] = &[\n{list}];\n"
    ))
}

/// The files of a folder and its subfolders by relative path, sorted.
fn files(folder: &Path) -> Vec<File> {
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, before: &str, found: &mut Vec<File>) {
    let listing =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    for entry in listing {
        let path = entry.expect("a folder that can be listed").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        let name = format!("{before}{name}");
        if path.is_dir() {
            walk(&path, &format!("{name}/"), found);
        } else if kind(&name).is_some() {
            let bytes =
                fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
            found.push((name, bytes));
        }
    }
}

/// The media type of a file; files of other types are not embedded.
fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit('.').next() {
        // Browsers refuse modules with any other type.
        Some("js" | "mjs") => Some("text/javascript; charset=utf-8"),
        Some("css") => Some("text/css; charset=utf-8"),
        Some("svg") => Some("image/svg+xml"),
        _ => None,
    }
}

/// Writes a file plain, as brotli and as gzip, and adds its entry to the list.
fn add(list: &mut String, out: &str, n: usize, path: &str, bytes: &[u8]) {
    let at = |ending: &str| Path::new(out).join(format!("asset-{n}{ending}"));
    fs::write(at(""), bytes).expect("OUT_DIR is writable");
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 20,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &params).expect("memory takes everything");
    fs::write(at(".br"), brotli).expect("OUT_DIR is writable");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)
        .and_then(|()| fs::write(at(".gz"), gzip.finish()?))
        .expect("OUT_DIR is writable");
    let kind = kind(path).expect("only files of a known kind are listed");
    let etag = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..8]);
    writeln!(
        list,
        "    Asset {{ path: {path:?}, kind: {kind:?}, etag: {etag:?}, \
         plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/asset-{n}\")), \
         brotli: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/asset-{n}.br\")), \
         gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/asset-{n}.gz\")) }},"
    )
    .expect("a String takes everything");
}
