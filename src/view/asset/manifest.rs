//! The paths of the files of `embed/dist` on the comment origin.
//!
//! | in `dist` | on the origin | caching |
//! |---|---|---|
//! | `embed.js`, `count.js`, `recent.js` | at the root | minutes: their address never changes |
//! | `compat/…` | at the path below `compat` | minutes: pages name them as they named the widgets replaced |
//! | `present.js` | as `upgraded.js` in the folders of other builds | none |
//! | everything else | `embed/HASH/…` | immutable: the hash changes with the content; under another hash, none |
//!
//! build.rs includes this file, so it uses no other module and no disk. `build.rs` writes an `Asset` for each file,
//! `web::static_files` serves them.

use sha2::{Digest as _, Sha256};

/// The placeholder in built scripts for the folder of the other files.
const PLACEHOLDER: &str = "__AFTERWORD_EMBED__";
/// Scripts that owners name in their pages.
const ROOTS: &[&str] = &["embed.js", "count.js", "recent.js", "present.js"];
/// First path segments of compatibility files: each is an area of `web::routes`.
const COMPAT: &[&str] = &["js", "web"];
/// English is part of the program and has no file in `dist`; a request for it gets an empty module.
const ENGLISH: (&str, &[u8]) = ("i18n/en.js", b"export default {};\n");

/// Path and content of a file.
pub(crate) type File = (String, Vec<u8>);

/// The files by their paths on the origin.
pub(crate) struct Manifest {
    /// The folder whose name changes with the content: `embed/HASH`.
    pub(crate) folder: String,
    /// All files by their paths on the origin.
    pub(crate) files: Vec<File>,
}

/// Assigns each file of `dist` its path.
///
/// # Errors
/// A sentence that names the file.
pub(crate) fn build_manifest(mut dist: Vec<File>) -> Result<Manifest, String> {
    if !dist.iter().any(|(name, _)| name == ENGLISH.0) {
        dist.push((ENGLISH.0.to_owned(), ENGLISH.1.to_vec()));
    }
    dist.sort();
    let folder = format!("embed/{}", hash(dist.iter().filter(|(name, _)| inner(name))));
    let mut files = Vec::with_capacity(dist.len());
    for (name, bytes) in dist {
        let held = count(&bytes);
        if inner(&name) {
            if held != 0 {
                return Err(format!(
                    "embed/dist/{name} lies in the folder that {PLACEHOLDER} stands for: import its neighbours by ./"
                ));
            }
            files.push((format!("{folder}/{name}"), bytes));
            continue;
        }
        if held > 1 || name == "embed.js" && held == 0 {
            return Err(format!(
                "embed/dist/{name} says {PLACEHOLDER} {held} times instead of once"
            ));
        }
        let place = name.strip_prefix("compat/").unwrap_or(&name).to_owned();
        let area = place.split('/').next().unwrap_or_default();
        if place != name && !COMPAT.contains(&area) {
            return Err(format!(
                "embed/dist/{name} would be served at /{place}, but only {COMPAT:?} are routes"
            ));
        }
        let bytes = match held {
            0 => bytes,
            _ => String::from_utf8(bytes)
                .map_err(|_| format!("embed/dist/{name} is not UTF-8"))?
                .replace(PLACEHOLDER, &folder)
                .into_bytes(),
        };
        files.push((place, bytes));
    }
    Ok(Manifest { folder, files })
}

/// Returns true if the file belongs in the hashed folder.
fn inner(name: &str) -> bool {
    !ROOTS.contains(&name) && !name.starts_with("compat/")
}

fn count(bytes: &[u8]) -> usize {
    bytes
        .windows(PLACEHOLDER.len())
        .filter(|window| *window == PLACEHOLDER.as_bytes())
        .count()
}

/// A hash of the names and contents of these files.
pub(crate) fn hash<'a>(files: impl Iterator<Item = &'a File>) -> String {
    let mut sha = Sha256::new();
    for (name, bytes) in files {
        sha.update(name.as_bytes());
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    }
    data_encoding::HEXLOWER.encode(&sha.finalize()[..6])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(dist: &[(&str, &str)]) -> Result<Manifest, String> {
        let files = dist
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        build_manifest(files.collect())
    }

    const LOADER: (&str, &str) = ("embed.js", "load('__AFTERWORD_EMBED__/core.js')");

    #[test]
    fn each_file_has_its_place_and_learns_where_the_others_lie() {
        let Manifest { folder, files } = placed(&[
            LOADER,
            ("count.js", "no folder here"),
            ("recent.js", "in '__AFTERWORD_EMBED__/recent-list.js'"),
            ("core.js", "core"),
            ("i18n/de.js", "de"),
            ("compat/js/embed.min.js", "from '__AFTERWORD_EMBED__/isso.js'"),
            ("compat/web/embed.mjs", "module"),
        ])
        .unwrap();
        let text = |path: &str| {
            let (_, bytes) = files.iter().find(|(at, _)| at == path).expect(path);
            String::from_utf8(bytes.clone()).unwrap()
        };
        assert_eq!(text("embed.js"), format!("load('{folder}/core.js')"));
        assert_eq!(text("count.js"), "no folder here");
        assert_eq!(text("recent.js"), format!("in '{folder}/recent-list.js'"));
        assert_eq!(text("js/embed.min.js"), format!("from '{folder}/isso.js'"));
        assert_eq!(text("web/embed.mjs"), "module");
        assert_eq!(text(&format!("{folder}/core.js")), "core");
        assert_eq!(text(&format!("{folder}/i18n/de.js")), "de");
        assert_eq!(text(&format!("{folder}/i18n/en.js")), "export default {};\n");
        assert_eq!(files.len(), 8);
    }

    #[test]
    fn the_folder_is_named_after_all_that_lies_in_it() {
        let folder = |dist: &[(&str, &str)]| placed(dist).unwrap().folder;
        let before = folder(&[LOADER, ("core.js", "a"), ("i18n/de.js", "a")]);
        assert_eq!(before, folder(&[("i18n/de.js", "a"), LOADER, ("core.js", "a")]));
        assert_ne!(before, folder(&[LOADER, ("core.js", "a"), ("i18n/de.js", "b")]));
        assert_ne!(before, folder(&[LOADER, ("core.js", "b"), ("i18n/de.js", "a")]));
    }

    #[test]
    fn what_could_not_be_served_stops_the_build() {
        for wrong in [
            vec![("embed.js", "forgotten")],
            vec![("embed.js", "__AFTERWORD_EMBED__ __AFTERWORD_EMBED__")],
            vec![LOADER, ("count.js", "__AFTERWORD_EMBED__ __AFTERWORD_EMBED__")],
            vec![LOADER, ("core.js", "__AFTERWORD_EMBED__")],
            vec![LOADER, ("compat/admin/x.js", "")],
            vec![LOADER, ("compat/embed.js", "")],
        ] {
            assert!(placed(&wrong).is_err(), "{wrong:?}");
        }
    }
}
