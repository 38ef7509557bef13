//! Names that readers may not use, in any spelling: words that speak for the site, and the names of accounts.
//!
//! A word such as `admin` is reserved wherever it is a word of the name (`Admin Team`). A word that also has everyday
//! uses, such as `root`, is reserved alone and among filler words (`The Support Team`), so that Joan Root keeps her
//! name. The name of an account is reserved as a whole: with a moderator Anna, another `Anna` is refused and `Anna
//! K.` is not.

use super::AuthorName;
use super::lookalike::{bracketed, close_readings, loose_readings, may_disguise, words, words_in_order};
use crate::model::text::{FieldError, FieldErrorKind};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Words reserved within any name.
const OFFICES: &[&str] = &[
    "admin",
    "admins",
    "administrator",
    "administrators",
    "administration",
    "administratorin",
    "administrateur",
    "administratrice",
    "administrador",
    "administradora",
    "administratör",
    "amministratore",
    "amministratrice",
    "administrátor",
    "adminisztrátor",
    "sysadmin",
    "sysop",
    "superuser",
    "webmaster",
    "postmaster",
    "hostmaster",
    "moderator",
    "moderators",
    "moderatorin",
    "moderateur",
    "moderatrice",
    "moderador",
    "moderadora",
    "moderatore",
    "moderatör",
    "moderátor",
    "afterword",
    "beheerder",
    "yönetici",
    "ylläpitäjä",
    "администратор",
    "администрация",
    "админ",
    "модератор",
    "адміністратор",
    "адміністрація",
    "адмін",
    "διαχειριστής",
];

/// Reserved as part of any name: these languages write without spaces.
const UNSPACED_OFFICES: &[&str] = &[
    "管理员",
    "管理員",
    "管理者",
    "版主",
    "站长",
    "站長",
    "運営",
    "モデレーター",
    "관리자",
    "운영자",
    "운영진",
];

/// Reserved as a whole name, in brackets, and with no other words than [`FILLERS`].
const OFFICES_AND_MORE: &[&str] = &[
    "mod",
    "mods",
    "moderation",
    "owner",
    "root",
    "staff",
    "support",
    "system",
    "editor",
    "editors",
    "مشرف",
    "المشرف",
    "المدير",
    "מנהל",
    "quản trị viên",
];

/// Words that do not change whom a name refers to.
const FILLERS: &[&str] = &[
    "the",
    "team",
    "site",
    "blog",
    "forum",
    "official",
    "real",
    "account",
    "user",
    "comment",
    "comments",
    "community",
    "website",
    "web",
    "page",
    "of",
    "for",
    "your",
    "our",
    "this",
    "super",
    "head",
    "chief",
    "main",
    "verified",
    "from",
    "author",
];

static OFFICE_READINGS: LazyLock<HashSet<String>> = LazyLock::new(|| all_readings(OFFICES));
static MORE_READINGS: LazyLock<HashSet<String>> = LazyLock::new(|| all_readings(OFFICES_AND_MORE));
static FILLER_READINGS: LazyLock<HashSet<String>> = LazyLock::new(|| all_readings(FILLERS));

fn all_readings(words: &[&str]) -> HashSet<String> {
    words.iter().flat_map(|word| loose_readings(word)).collect()
}

/// The reserved words, and the names of the given accounts.
#[derive(Clone, Debug, Default)]
pub struct ReservedNames {
    people: Vec<String>,
    close: HashSet<String>,
    loose: HashSet<String>,
}

impl ReservedNames {
    /// Reserves the names of `people` in addition to the words.
    #[must_use]
    pub fn of(people: Vec<String>) -> Self {
        ReservedNames {
            close: people.iter().flat_map(|name| close(name)).collect(),
            loose: people.iter().flat_map(|name| loose_readings(name)).collect(),
            people,
        }
    }

    /// The account names that it was made with.
    #[must_use]
    pub fn people(&self) -> &[String] {
        &self.people
    }

    /// Accepts a name that a reader may use.
    ///
    /// # Errors
    /// `name_invalid` if it looks like a reserved one.
    pub fn check(&self, name: &AuthorName) -> Result<(), FieldError> {
        if is_office(name.as_str()) || self.is_person(name.as_str()) {
            return Err(FieldError::new(
                FieldErrorKind::NameInvalid,
                "name",
                "This name is reserved. Please choose another one. If you moderate this site and the name is yours: post \
                 under another name, then edit the comment in the admin pages.",
            ));
        }
        Ok(())
    }

    fn is_person(&self, name: &str) -> bool {
        if self.people.is_empty() {
            return false;
        }
        let words = words_in_order(name);
        let telling: Vec<&str> = words
            .iter()
            .filter(|word| !is_one_of(word, &FILLER_READINGS) && !is_one_of(word, &MORE_READINGS))
            .map(String::as_str)
            .collect();
        let shorter = telling.concat();
        let names = [name, &shorter];
        let names = &names[..if telling.is_empty() || telling.len() == words.len() {
            1
        } else {
            2
        }];
        names.iter().any(|name| {
            close(name).iter().any(|reading| self.close.contains(reading))
                || may_disguise(name)
                    && loose_readings(name)
                        .iter()
                        .any(|reading| self.loose.contains(reading))
        })
    }
}

/// The two readings of a whole name; for a name without letters, such as `🦊`, the name itself.
fn close(name: &str) -> [String; 2] {
    let [letters, shapes] = close_readings(name);
    let or_name = |reading: String| {
        if reading.is_empty() {
            name.to_owned()
        } else {
            reading
        }
    };
    [format!("0{}", or_name(letters)), format!("1{}", or_name(shapes))]
}

fn is_one_of(word: &str, readings: &HashSet<String>) -> bool {
    loose_readings(word)
        .iter()
        .any(|reading| readings.contains(reading))
}

fn is_office(name: &str) -> bool {
    let whole = loose_readings(name);
    if whole
        .iter()
        .any(|reading| MORE_READINGS.contains(reading) || is_compound(reading))
        || UNSPACED_OFFICES.iter().any(|office| name.contains(office))
    {
        return true;
    }
    words(name).iter().any(|word| is_one_of(word, &OFFICE_READINGS))
        || says_no_more(name)
        || bracketed(name).iter().any(|inner| says_no_more(inner))
}

/// Returns true if the name consists of words such as `support` and fillers only.
fn says_no_more(name: &str) -> bool {
    let mut words = words_in_order(name);
    words.retain(|word| !is_one_of(word, &FILLER_READINGS));
    !words.is_empty() && words.iter().all(|word| is_one_of(word, &MORE_READINGS))
}

/// Returns true if a reading is a reserved word with fillers before or after it, as in `siteadmin`.
fn is_compound(reading: &str) -> bool {
    let mut rest = reading;
    loop {
        if OFFICE_READINGS.contains(rest) {
            return true;
        }
        let shorter = FILLER_READINGS.iter().find_map(|filler| {
            rest.strip_prefix(filler.as_str())
                .or_else(|| rest.strip_suffix(filler.as_str()))
        });
        match shorter {
            Some(shorter) => rest = shorter,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_free(names: &ReservedNames, typed: &str) -> bool {
        let name = AuthorName::parse(typed).unwrap().unwrap();
        names.check(&name).is_ok()
    }

    #[test]
    fn words_that_speak_for_the_site_are_refused_however_written() {
        let names = ReservedNames::default();
        for typed in [
            "admin",
            "ADMIN",
            "Adm1n",
            "аdmin",
            "a d m i n",
            "-Admin-",
            "ａｄｍｉｎ",
            "𝐀𝐃𝐌𝐈𝐍",
            "ad\u{200d}min",
            "ádmin",
            "R00T",
            "Admın ✔",
            "Модератор",
            "afterword",
            "m0derat0r",
            "ⓐⓓⓜⓘⓝ",
            "Admin Team",
            "the-admin",
            "admin_",
            "(Admin)",
            "Admin (official)",
            "AdminTeam",
            "TheAdmin",
            "adminteam",
            "siteadmin",
            "SuperAdmin",
            "admin2",
            "99admin",
            "@dmin",
            "4dm!n",
            "m0d3r4t0r",
            "MODERAT0R",
            "ᴀᴅᴍɪɴ",
            "🅐🅓🅜🅘🅝",
            "🅰🅳🅼🅸🅽",
            "🇦🇩🇲🇮🇳",
            "ᵃᵈᵐⁱⁿ",
            "a̶d̶m̶i̶n̶",
            "adrnin",
            "admln",
            "AdmIn",
            "Αdmin",
            "аdмin",
            "Anna, Admin",
            "Anna|Moderator",
            "Ann (moderator)",
            "Moderator Ann",
            "vvebmaster",
            "Webmaster!",
            "Site Owner",
            "The Staff",
            "Support Team",
            "Official Support",
            "$taff",
            "5upport",
            "Mod",
            "Mods",
            "The Mod Team",
            "管理员",
            "网站管理员",
            "管理员小王",
            "관리자",
            "модератор Анна",
            "Modérateur",
            "Sysadmin Joe",
            "System",
            "root",
            "\u{fffc}admin\u{fffc}",
            "admin.",
            "Admin🦊",
            "ⲁdmin",
            "a∂min",
            "ɐdmin",
            "aдmin",
            "admin١",
            "[MOD] Dave",
            "Dave (Staff)",
            "Dave【Support Team】",
            "Site Editor",
            "モデレーター",
            "運営",
            "站长",
            "المشرف",
            "Quản trị viên",
            "[admin]",
            "admin@site",
            "Hostmaster",
        ] {
            assert!(!is_free(&names, typed), "{typed}");
        }
    }

    #[test]
    fn people_keep_their_names() {
        let names = ReservedNames::of(vec![
            "boss".into(),
            "Anna".into(),
            "Ian".into(),
            "Mary Lane".into(),
            "🦊".into(),
            "राम".into(),
            "はな".into(),
            "ดุ".into(),
        ]);
        for typed in [
            "Ann",
            "O’Brien-Ŝmith",
            "山田太郎",
            "محمد علی‌رضا",
            "Nguyễn Văn A",
            "J. R. “Bob” Dobbs",
            "<b>x</b>",
            "Joan Root",
            "🐻",
            "Adminton",
            "Ro",
            "Mina Da",
            "Badmintonista",
            "Bossi",
            "Adminah",
            "Modesto",
            "Rootham",
            "Amod",
            "Modi",
            "Moderato",
            "Modest Mussorgsky",
            "Dog Owner",
            "Support Your Local Library",
            "System of a Down fan",
            "Staffan",
            "Stafford",
            "Rooty",
            "Theodor",
            "Anna K.",
            "Annabel",
            "Hannah",
            "Anna-Lena",
            "Anna2",
            "Lan",
            "Ivan",
            "Boss Hogg",
            "Bosse",
            "रीमा",
            "रमा",
            "रोम",
            "ばな",
            "ดู",
            "ดี",
            "Rae Mod",
            "System (of a Down)",
            "Dave (Dog Owner)",
            "Jan Bos",
            "Mary",
            "Mary Lan",
            "Lane",
            "Agent 47",
            "1986",
            "R2-D2",
            "xX_gamer_Xx",
            "user123",
            "Webster",
            "Иван Петров",
            "Анна Ш.",
            "Σωκράτης",
            "דוד כהן",
            "สมชาย",
            "김민수",
            "李小龙",
            "Πέτρος",
            "Ömer Çelik",
            "Łukasz",
            "राम कुमार",
            "தமிழ்",
            "Ruth Post",
            "Lee Chief",
            "Team Tea",
            "Der Kommentator",
            "Adi Minh",
            "Administer This",
            "Minister",
            "Web Team Fan",
            "Everything in Moderation!",
            "The Reader",
            "Ann-Marie Support-Smith",
            "Rene",
        ] {
            assert!(is_free(&names, typed), "{typed}");
        }
    }

    #[test]
    fn the_names_of_people_who_moderate_are_theirs_however_written() {
        let names = ReservedNames::of(vec![
            "boss".into(),
            "Anna".into(),
            "Ian".into(),
            "Mary Lane".into(),
            "🦊".into(),
            "Bill7".into(),
            "Иван".into(),
            "Amy".into(),
        ]);
        for typed in [
            "boss",
            "Boss",
            "BOSS",
            "b0ss",
            "bοss",
            "bΟss",
            "b o s s",
            "boss_",
            "(boss)",
            "-Boss-",
            "bo\u{200b}ss",
            "bоѕѕ",
            "ｂｏｓｓ",
            "𝐛𝐨𝐬𝐬",
            "ʙᴏꜱꜱ",
            "🅱🅾🆂🆂",
            "b̶o̶s̶s̶",
            "böss",
            "bo$$",
            "8oss",
            "The Boss",
            "boss (official)",
            "TheBoss",
            "anna",
            "ANNA",
            "Аnna",
            "Ann4",
            "@nna",
            "lan",
            "1an",
            "|an",
            "IAN",
            "mary lane",
            "MaryLane",
            "Mary-Lane",
            "mary_1ane",
            "🦊",
            "Bi117",
            "bill7",
            "ИВАН",
            "Arny",
            "boss!",
            "Real Anna",
            "boss (mod)",
            "Boss, staff",
            "Boss [Staff]",
            "Mod Boss",
            "boss from Support",
            "Anna - Support Team",
            "boss (author)",
        ] {
            assert!(!is_free(&names, typed), "{typed}");
        }
        assert_eq!(names.people().len(), 8);
        assert!(is_free(&ReservedNames::default(), "boss"));
    }
}
