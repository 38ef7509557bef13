//! Where each file of `embed/dist` lies on the comment origin.
//!
//! | in `dist` | on the origin | may be kept |
//! |---|---|---|
//! | `embed.js`, `count.js`, `recent.js` | at the root | for minutes: their address never changes |
//! | `compat/…` | at the path below `compat` | likewise: the widgets they stand in for named them |
//! | `present.js` | as `upgraded.js` in the folders of other builds | not at all |
//! | everything else | `embed/HASH/…` | for ever: the hash changes with the content; under another hash, not at all |
//!
//! build.rs includes this file, so it knows nothing of the crate and touches no disk. Next: `build.rs`
//! makes `Asset`s of the places, `web::static_files` serves them.

use sha2::{Digest as _, Sha256};

/// What the built scripts say instead of the folder of the other files.
const PLACEHOLDER: &str = "__AFTERWORD_EMBED__";
/// Scripts that owners write into their pages by name.
const ROOTS: &[&str] = &["embed.js", "count.js", "recent.js", "present.js"];
/// First segments that compatibility files may have: each is an area of `web::routes`.
const COMPAT: &[&str] = &["js", "web"];
/// English is within the program, so its words are no file of `dist`; who asks for them gets none.
const ENGLISH: (&str, &[u8]) = ("i18n/en.js", b"export default {};\n");

/// A file by its path, and its content.
pub(crate) type File = (String, Vec<u8>);

/// Where the files lie.
pub(crate) struct Manifest {
    /// The folder whose name changes with the content: `embed/HASH`.
    pub(crate) folder: String,
    /// All files by their paths on the origin, ready to be served.
    pub(crate) files: Vec<File>,
}

/// Gives each file of `dist` its place. Errors: a sentence that names the file.
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

/// Does it lie in the hashed folder?
fn inner(name: &str) -> bool {
    !ROOTS.contains(&name) && !name.starts_with("compat/")
}

fn count(bytes: &[u8]) -> usize {
    bytes
        .windows(PLACEHOLDER.len())
        .filter(|window| *window == PLACEHOLDER.as_bytes())
        .count()
}

/// A name for these files: another one when any of them changes.
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
