//! Names that readers may not use, in any spelling: words that speak for the site, and the names of accounts.
//!
//! A word such as `admin` is reserved wherever it is a word of the name (`Admin Team`). A word that also has everyday
//! uses, such as `root`, is reserved alone and among filler words (`The Support Team`), so that Joan Root keeps her
//! name. The name of an account is reserved as a whole: with a moderator Anna, another `Anna` is refused and `Anna
//! K.` is not.

mod words;

use super::AuthorName;
use super::lookalike::{self, bracketed, close_readings, loose_readings, may_disguise, words_in_order};
use crate::model::text::{FieldError, FieldErrorKind};
use std::collections::HashSet;
use std::sync::LazyLock;
use words::{FILLERS, OFFICES, OFFICES_AND_MORE, UNSPACED_OFFICES};

static OFFICE_READINGS: LazyLock<HashSet<String>> = LazyLock::new(|| all_readings(OFFICES));
static MORE_READINGS: LazyLock<HashSet<String>> = LazyLock::new(|| all_readings(OFFICES_AND_MORE));
static FILLER_READINGS: LazyLock<HashSet<String>> = LazyLock::new(|| all_readings(FILLERS));

/// The readings of all words of a list.
fn all_readings(words: &[&str]) -> HashSet<String> {
    words.iter().flat_map(|word| loose_readings(word)).collect()
}

/// The reserved words, and the names of the given accounts.
#[derive(Clone, Debug, Default)]
pub struct ReservedNames {
    account_names: Vec<String>,
    close: HashSet<String>,
    loose: HashSet<String>,
}

impl ReservedNames {
    /// Reserves the names of accounts in addition to the words.
    #[must_use]
    pub fn of(account_names: Vec<String>) -> Self {
        ReservedNames {
            close: account_names.iter().flat_map(|name| close(name)).collect(),
            loose: account_names
                .iter()
                .flat_map(|name| loose_readings(name))
                .collect(),
            account_names,
        }
    }

    /// The names of the accounts, as given.
    #[must_use]
    pub fn account_names(&self) -> &[String] {
        &self.account_names
    }

    /// Accepts a name that a reader may use.
    ///
    /// # Errors
    /// `name_invalid` if it looks like a reserved one.
    pub fn check(&self, name: &AuthorName) -> Result<(), FieldError> {
        if is_office(name.as_str()) || self.is_account(name.as_str()) {
            return Err(FieldError::new(
                FieldErrorKind::NameInvalid,
                "name",
                "This name is reserved. Please choose another one. If you moderate this site and the name is yours: post \
                 under another name, then edit the comment in the admin pages.",
            ));
        }
        Ok(())
    }

    /// Returns true if a name looks like that of an account.
    fn is_account(&self, name: &str) -> bool {
        if self.account_names.is_empty() {
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

/// Returns true if a name contains a reserved word in a way that claims authority.
fn is_office(name: &str) -> bool {
    let whole = loose_readings(name);
    if whole
        .iter()
        .any(|reading| MORE_READINGS.contains(reading) || is_compound(reading))
        || UNSPACED_OFFICES.iter().any(|office| name.contains(office))
    {
        return true;
    }
    lookalike::words(name)
        .iter()
        .any(|word| is_one_of(word, &OFFICE_READINGS))
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
mod tests;
