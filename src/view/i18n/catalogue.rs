//! Reads a catalogue of `embed/i18n`, and refuses one in which a phrase is missing or invalid.
//!
//! build.rs includes this file, so it uses no other module and no disk; in the crate it is only tested. Other checks
//! of catalogues (plural forms, order, plainness) are in `embed/test/catalogues.test.mjs`. `keys.rs` lists the
//! phrases that are read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The forms of a phrase: `other` only, or one for each plural category.
pub(crate) type Forms = Vec<(String, String)>;

/// Reads the phrases of these keys, in their order. `english` is the original catalogue.
///
/// # Errors
/// A sentence that names the language and the key.
pub(crate) fn read(tag: &str, text: &str, english: &str, keys: &[&str]) -> Result<Vec<Forms>, String> {
    let (own, model) = (parse(tag, text)?, parse("en", english)?);
    if let Some(stray) = own.keys().find(|key| !model.contains_key(*key)) {
        return Err(format!(
            "embed/i18n/{tag}.json has a key that en.json has not: {stray}"
        ));
    }
    if let Some(unsaid) = model
        .keys()
        .find(|key| key.starts_with("page.") && !keys.contains(&key.as_str()))
    {
        return Err(format!(
            "no page says {unsaid}: name it in src/view/i18n/keys.rs or take it out of the catalogues"
        ));
    }
    keys.iter()
        .map(|key| {
            let wrong = |what: &str| format!("embed/i18n/{tag}.json: {key} {what}");
            let (Some(own), Some(model)) = (own.get(*key), model.get(*key)) else {
                return Err(wrong("is missing"));
            };
            if own.is_object() != model.is_object() {
                return Err(wrong("counts in one of the two languages only"));
            }
            let (own, model) = (
                forms(own).ok_or_else(|| wrong("is no text"))?,
                forms(model).ok_or_else(|| wrong("is no text in English"))?,
            );
            let whole: BTreeSet<&str> = model.iter().flat_map(|(_, form)| names(form)).collect();
            for (category, form) in &own {
                if let Some(name) = names(form).find(|name| !whole.contains(name)) {
                    return Err(wrong(&format!(
                        "fills in {{{name}}} ({category}), which nobody gives"
                    )));
                }
                if form.trim().is_empty() {
                    return Err(wrong("is empty"));
                }
            }
            if !own.iter().any(|(category, _)| category == "other") {
                return Err(wrong("has no form for “other”"));
            }
            Ok(own)
        })
        .collect()
}

fn parse(tag: &str, text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("embed/i18n/{tag}.json cannot be read: {error}"))
}

fn forms(phrase: &Value) -> Option<Forms> {
    match phrase {
        Value::String(text) => Some(vec![("other".to_owned(), text.clone())]),
        Value::Object(forms) => forms
            .iter()
            .map(|(category, text)| Some((category.clone(), text.as_str()?.to_owned())))
            .collect(),
        _ => None,
    }
}

/// The names in braces.
fn names(form: &str) -> impl Iterator<Item = &str> {
    form.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = r#"{"a": "By {name}", "n": {"one": "One", "other": "{count}"}, "page.x": "X"}"#;
    const KEYS: &[&str] = &["a", "n", "page.x"];

    #[test]
    fn a_whole_catalogue_is_read_in_the_order_of_the_keys() {
        let own = r#"{"n": {"few": "{count} f", "other": "{count} o"}, "page.x": "Y", "a": "{name}!"}"#;
        let read = read("xx", own, ENGLISH, KEYS).unwrap();
        assert_eq!(read[0], [("other".to_owned(), "{name}!".to_owned())]);
        assert_eq!(read[1].len(), 2);
        assert_eq!(read[2][0].1, "Y");
    }

    #[test]
    fn what_would_leave_a_reader_without_a_word_is_refused() {
        for (own, what) in [
            ("{", "cannot be read"),
            (r#"{"n": {"other": "1"}, "page.x": "Y"}"#, "a is missing"),
            (
                r#"{"a": {"other": "1"}, "n": {"other": "1"}, "page.x": "Y"}"#,
                "a counts in one",
            ),
            (
                r#"{"a": "x", "n": {"few": "1"}, "page.x": "Y"}"#,
                "n has no form for “other”",
            ),
            (
                r#"{"a": "{nmae}", "n": {"other": "1"}, "page.x": "Y"}"#,
                "a fills in {nmae}",
            ),
            (r#"{"a": " ", "n": {"other": "1"}, "page.x": "Y"}"#, "a is empty"),
            (r#"{"a": 1, "n": {"other": "1"}, "page.x": "Y"}"#, "a is no text"),
            (
                r#"{"a": "x", "b": "x", "n": {"other": "1"}, "page.x": "Y"}"#,
                "a key that en.json has not: b",
            ),
        ] {
            let error = read("xx", own, ENGLISH, KEYS).unwrap_err();
            assert!(error.contains(what), "{own}: {error}");
        }
        let error = read("en", ENGLISH, ENGLISH, &["a"]).unwrap_err();
        assert!(error.contains("no page says page.x"), "{error}");
    }
}
