//! Names that would speak for the site, however they are written.
//!
//! Two names are the same to the eye when their skeletons are (UTS #39 §4). Two things are added to that: letter case
//! and compatibility forms are folded, before and after, since skeletons keep them; and `i`, `l`, `1` are one, as are `0`, `o`.
//! This is about a fixed list of words. Likeness to the names of registered people is decided elsewhere.

use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

const WORDS: &[&str] = &[
    "admin",
    "admins",
    "administrator",
    "administration",
    "moderator",
    "moderators",
    "moderation",
    "owner",
    "webmaster",
    "postmaster",
    "hostmaster",
    "root",
    "superuser",
    "sysadmin",
    "sysop",
    "system",
    "support",
    "staff",
    "afterword",
    "administrateur",
    "administrador",
    "administratör",
    "amministratore",
    "beheerder",
    "modérateur",
    "moderador",
    "moderatore",
    "администратор",
    "админ",
    "модератор",
    "管理员",
    "管理員",
    "管理者",
    "版主",
    "관리자",
];

static KEYS: LazyLock<HashSet<String>> = LazyLock::new(|| WORDS.iter().flat_map(|word| keys(word)).collect());

/// Whether `name` looks like one of the reserved words. `name` is clean and at most 512 bytes long.
pub(super) fn is_reserved(name: &str) -> bool {
    keys(name).iter().any(|key| KEYS.contains(key))
}

/// The ways in which a name can be read. Case is folded both before the skeleton (`I` looks like `l`, yet `ADMIN` is `admin`)
/// and after it (a mathematical `𝐀` has no lower case but looks like `A`).
fn keys(name: &str) -> [String; 4] {
    let compatible: String = name.nfkc().collect();
    [
        flatten(skeleton(&name.to_lowercase())),
        flatten(skeleton(name)),
        flatten(skeleton(&compatible.to_lowercase())),
        flatten(skeleton(&compatible)),
    ]
}

/// Letters and digits only, without accents and case. `rn` is what the skeleton makes of `m`.
fn flatten(skeleton: impl Iterator<Item = char>) -> String {
    skeleton
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            // The ogonek was an `i` in older versions of the table.
            'l' | '1' | 'ı' | '˛' => 'i',
            '0' => 'o',
            c => c,
        })
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .collect()
}
