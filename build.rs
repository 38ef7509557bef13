//! Puts the built widget and the pages' style into the binary: hashed, and compressed beforehand.
//!
//! Reads `embed/dist` and `src/view/assets`; runs no bundler and no Node. Writes `assets.rs` with one
//! `Asset` for each file. The loader learns here in which folder its other files lie.

use std::{env, fmt::Write as _, fs, io::Write as _, path::Path};

use sha2::{Digest as _, Sha256};

/// What the built loader says instead of the folder of the other files.
const PLACEHOLDER: &str = "__AFTERWORD_EMBED__";

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut list = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    let widget = files(Path::new("embed/dist"));
    let pages = files(Path::new("src/view/assets"));
    let folder = format!(
        "embed/{}",
        hash(widget.iter().filter(|(name, _)| name != "embed.js"))
    );
    for (name, bytes) in &widget {
        if name == "embed.js" {
            let text = String::from_utf8(bytes.clone()).expect("embed.js is UTF-8");
            assert_eq!(
                text.matches(PLACEHOLDER).count(),
                1,
                "embed/dist/embed.js must say {PLACEHOLDER} once"
            );
            add(
                &mut list,
                &out,
                "embed.js",
                text.replace(PLACEHOLDER, &folder).as_bytes(),
            );
        } else {
            add(&mut list, &out, &format!("{folder}/{name}"), bytes);
        }
    }
    let folder = format!("assets/{}", hash(pages.iter()));
    for (name, bytes) in &pages {
        add(&mut list, &out, &format!("{folder}/{name}"), bytes);
    }
    list.push_str("];\n");
    writeln!(
        list,
        "/// Where the pages' own files lie.\npub(crate) const PAGES: &str = {folder:?};"
    )
    .expect("a String takes everything");
    fs::write(Path::new(&out).join("assets.rs"), list).expect("OUT_DIR is writable");
    println!("cargo:rerun-if-changed=embed/dist");
    println!("cargo:rerun-if-changed=src/view/assets");
    println!("cargo:rerun-if-changed=build.rs");
}

/// The files of a folder by name, in order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let listing =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    let mut files: Vec<(String, Vec<u8>)> = listing
        .map(|entry| entry.expect("a folder that can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "js" || ending == "css" || ending == "svg")
        })
        .map(|path| {
            let name = path
                .file_name()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            (
                name,
                fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display())),
            )
        })
        .collect();
    files.sort();
    files
}

fn hash<'a>(files: impl Iterator<Item = &'a (String, Vec<u8>)>) -> String {
    let mut sha = Sha256::new();
    for (name, bytes) in files {
        sha.update(name.as_bytes());
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    }
    data_encoding::HEXLOWER.encode(&sha.finalize()[..6])
}

/// Writes a file plain, as brotli and as gzip, and its line in the list.
fn add(list: &mut String, out: &str, path: &str, bytes: &[u8]) {
    let flat = path.replace('/', "-");
    let at = |ending: &str| Path::new(out).join(format!("{flat}{ending}"));
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
    let kind = match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "image/svg+xml",
    };
    let etag = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..8]);
    writeln!(
        list,
        "    Asset {{ path: {path:?}, kind: {kind:?}, etag: {etag:?}, \
         plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{flat}\")), \
         brotli: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{flat}.br\")), \
         gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{flat}.gz\")) }},"
    )
    .expect("a String takes everything");
}
