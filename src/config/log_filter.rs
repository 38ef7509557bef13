//! Checks the setting `log`: levels, for the whole program or for parts of it.
//!
//! A filter without a known level or part would silence the log unnoticed, so it is refused with a suggestion.

/// Levels, the least verbose first.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// Crates that log: this program, and the library that it serves with.
const CRATES: [&str; 2] = ["afterword", "warp"];
/// Parts of this program, as `afterword::store`.
const PARTS: [&str; 12] = [
    "app", "cli", "config", "content", "jobs", "logging", "model", "net", "service", "store", "view", "web",
];

/// Returns the filter without blanks.
///
/// # Errors
/// The required form of a value.
pub(super) fn check(filter: &str) -> Result<String, String> {
    let filter: String = filter.chars().filter(|c| !c.is_whitespace()).collect();
    for directive in filter.split(',') {
        one(directive)?;
    }
    Ok(filter)
}

fn one(directive: &str) -> Result<(), String> {
    if directive.is_empty() {
        return Err(format!("must name a level: {}", LEVELS.join(", ")));
    }
    match directive.split_once('=') {
        Some((target, level)) => {
            known_target(target)?;
            known_level(level)
        }
        None if is_level(directive) || known_target(directive).is_ok() => Ok(()),
        None => Err(format!(
            "must be a level ({}) or a filter such as info,afterword::store=debug; “{directive}” is neither{}",
            LEVELS.join(", "),
            suggestion(directive, LEVELS.iter().chain(&CRATES).copied())
        )),
    }
}

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
}

fn known_level(word: &str) -> Result<(), String> {
    if is_level(word) {
        return Ok(());
    }
    Err(format!(
        "must have a level ({}) behind “=”; “{word}” is none{}",
        LEVELS.join(", "),
        suggestion(word, LEVELS.iter().copied())
    ))
}

fn known_target(target: &str) -> Result<(), String> {
    let (name, part) = target.split_once("::").unwrap_or((target, ""));
    let part = part.split("::").next().unwrap_or_default();
    if !CRATES.contains(&name) {
        return Err(format!(
            "must name a part of the program before “=”, as in afterword::store; “{target}” is none{}",
            suggestion(name, CRATES.iter().copied())
        ));
    }
    let whole = target == name || name != "afterword";
    if whole || PARTS.contains(&part) {
        return Ok(());
    }
    Err(format!(
        "must name a part of the program ({}) behind “afterword::”; “{part}” is none{}",
        PARTS.join(", "),
        suggestion(part, PARTS.iter().copied())
    ))
}

fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let word = word.to_lowercase();
    let distance = |known: &&str| strsim::damerau_levenshtein(known, &word);
    // A longer form of a known word, such as “warning”, is a better suggestion than a word with fewer letters to
    // change.
    let longer = |known: &&str| known.len() > 2 && word.starts_with(*known);
    let known: Vec<&str> = known.collect();
    let nearest = known.iter().copied().find(|name| longer(name)).or_else(|| {
        known
            .iter()
            .copied()
            .min_by_key(|name| distance(name))
            .filter(|name| distance(name) <= 3)
    });
    nearest.map_or_else(String::new, |name| format!("; did you mean “{name}”?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_modules_of_the_program() {
        let modules: Vec<&str> = include_str!("../lib.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
            .collect();
        assert_eq!(PARTS.as_slice(), modules);
    }

    #[test]
    fn levels_and_parts_are_taken() {
        for (filter, expected) in [
            ("info", "info"),
            ("INFO", "INFO"),
            ("off", "off"),
            ("info, afterword=debug", "info,afterword=debug"),
            ("afterword", "afterword"),
            (
                "warn,afterword::store=trace,afterword::web::api=debug",
                "warn,afterword::store=trace,afterword::web::api=debug",
            ),
            ("error,warp=debug", "error,warp=debug"),
            ("afterword = Debug", "afterword=Debug"),
        ] {
            assert_eq!(check(filter).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_would_silence_the_log_is_refused_with_a_suggestion() {
        for (filter, suggested) in [
            ("inof", "info"),
            ("warning", "warn"),
            ("WARNING", "warn"),
            ("errors", "error"),
            ("verbose", ""),
            ("afterword=inof", "info"),
            ("afterwrod=debug", "afterword"),
            ("info,afterwrd=debug", "afterword"),
            ("afterword::stroe=debug", "store"),
            ("afterword::=debug", ""),
            ("afterword=", ""),
            ("=debug", ""),
            ("", ""),
            (",", ""),
            ("info,", ""),
            ("info,,warn", ""),
            ("info;warn", "info"),
            ("3", ""),
            ("afterword[span]=debug", "afterword"),
        ] {
            let refused = check(filter).expect_err(filter);
            assert!(refused.starts_with("must "), "{filter}: {refused}");
            if !suggested.is_empty() {
                assert!(
                    refused.ends_with(&format!("did you mean “{suggested}”?")),
                    "{filter}: {refused}"
                );
            }
        }
    }
}
