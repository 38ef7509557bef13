//! The heading of a thread: “59 thoughts on ‘Title’”, or the owner's own wording.

use crate::model::site::Heading;

/// The heading in English plural forms, or by the owner's wording.
#[must_use]
pub fn words(heading: &Heading, count: i64, title: &str) -> String {
    let own = |category: &str| {
        heading
            .forms()
            .iter()
            .find(|(known, _)| known == category)
            .map(|(_, wording)| wording.as_str())
    };
    let exact = match count {
        0 => own("zero"),
        1 => own("one"),
        2 => own("two"),
        _ => None,
    };
    let wording = exact
        .or_else(|| own("other"))
        .unwrap_or(match (count, title.is_empty()) {
            (0, false) => "No thoughts yet on “{title}”",
            (0, true) => "No thoughts yet",
            (1, false) => "One thought on “{title}”",
            (1, true) => "One thought",
            (_, false) => "{count} thoughts on “{title}”",
            (_, true) => "{count} thoughts",
        });
    // The title last: what stands in it is not replaced.
    wording
        .replace("{count}", &count.to_string())
        .replace("{title}", title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_unless_the_owner_says_otherwise() {
        let none = Heading::default();
        assert_eq!(words(&none, 59, "Tea"), "59 thoughts on “Tea”");
        assert_eq!(words(&none, 1, "{count}"), "One thought on “{count}”");
        assert_eq!(words(&none, 3, ""), "3 thoughts");
        let own = Heading::parse("one=Ein Gedanke|other={count} Gedanken zu {title}").unwrap();
        assert_eq!(words(&own, 1, "Tee"), "Ein Gedanke");
        assert_eq!(words(&own, 0, "Tee"), "0 Gedanken zu Tee");
    }
}
