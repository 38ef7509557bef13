//! A site: one blog with its origins, rules and wording.

use super::{
    id::SiteId,
    page::{Origin, PageKey, PageUrl},
    text::SiteName,
    time::Millis,
};

/// The name of the demo's site.
pub const DEMO_SITE: &str = "demo";

/// A site as it is stored.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Its name in URLs and in the script tag.
    pub name: SiteName,
    /// When it was registered.
    pub created_at: Millis,
    /// Where its pages live, in the order of registration; the first is the main one.
    pub origins: Vec<Origin>,
    /// Its rules and wording.
    pub rules: Rules,
}

impl Site {
    /// Is this one of the site's registered origins, to the letter?
    #[must_use]
    pub fn has_origin(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }

    /// What the thread of a page is found by on this site.
    #[must_use]
    pub fn key_of(&self, page: &PageUrl) -> PageKey {
        if self.rules.html_folds {
            page.key().without_html()
        } else {
            page.key()
        }
    }
}

/// What an owner may decide for a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who waits for a moderator.
    pub moderation: Moderation,
    /// Does a comment need a name?
    pub require_name: bool,
    /// Does a comment need an e-mail address?
    pub require_email: bool,
    /// Which votes there are.
    pub votes: Votes,
    /// The order that readers see first.
    pub sort: Sort,
    /// Seconds in which authors may edit and delete their comments.
    pub edit_window: i64,
    /// The longest comment, in graphemes.
    pub max_text: i64,
    /// Days after which a thread closes by itself; 0: never.
    pub close_after: i64,
    /// The owner's wording of the heading.
    pub heading: Heading,
    /// Are `/tea.html` and `/tea` one page?
    pub html_folds: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            moderation: Moderation::None,
            require_name: true,
            require_email: false,
            votes: Votes::Both,
            sort: Sort::Oldest,
            edit_window: 900,
            max_text: 10_000,
            close_after: 0,
            heading: Heading::default(),
            html_folds: true,
        }
    }
}

/// An enumeration that is one word in SQL, JSON and configuration.
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it everywhere.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == word)
            }
        }
    };
}
pub(crate) use string_enum;

string_enum!(
    /// Which comments wait for a moderator before readers see them.
    Moderation {
        /// None: all appear at once.
        None = "none",
        /// The first comment of an author; once one was approved, the next appear at once.
        First = "first",
        /// Every comment.
        All = "all",
    }
);

string_enum!(
    /// Which votes a site has.
    Votes {
        /// Up and down.
        Both = "both",
        /// Up only.
        Up = "up",
        /// None.
        Off = "off",
    }
);

string_enum!(
    /// The order of the top-level comments; replies are always oldest first.
    Sort {
        /// Oldest first.
        Oldest = "oldest",
        /// Newest first.
        Newest = "newest",
        /// By [`crate::model::score`].
        Best = "best",
        /// Most replied first.
        Replies = "replies",
    }
);

impl Sort {
    /// What an owner may choose for a site: the orders that do not change with every reply.
    pub const OF_SITES: &'static [Self] = &[Self::Oldest, Self::Newest, Self::Best];
}

/// The owner's wording of a thread's heading, by plural category; empty: the widget's own wording.
///
/// Written `one=One thought on “{title}”|other={count} thoughts on “{title}”`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading(Vec<(String, String)>);

impl Heading {
    /// The categories of Unicode CLDR.
    pub const CATEGORIES: [&'static str; 6] = ["zero", "one", "two", "few", "many", "other"];

    /// Reads the written form. Errors: a sentence that says what is wrong with it.
    pub fn parse(written: &str) -> Result<Self, String> {
        let mut forms = Vec::new();
        for part in written.split('|').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((category, wording)) = part.split_once('=') else {
                return Err(format!("“{part}” is not of the form category=wording"));
            };
            let (category, wording) = (category.trim(), wording.trim());
            if !Self::CATEGORIES.contains(&category) {
                return Err(format!(
                    "“{category}” is not one of {}",
                    Self::CATEGORIES.join(", ")
                ));
            }
            if wording.is_empty() || wording.chars().count() > 200 {
                return Err(format!(
                    "the wording for “{category}” must have 1 to 200 characters"
                ));
            }
            forms.push((category.to_owned(), wording.to_owned()));
        }
        if !forms.is_empty() && !forms.iter().any(|(category, _)| category == "other") {
            return Err("a wording for “other” is missing".to_owned());
        }
        Ok(Self(forms))
    }

    /// The pairs of category and wording; empty if the owner chose none.
    #[must_use]
    pub fn forms(&self) -> &[(String, String)] {
        &self.0
    }

    /// The written form, as [`Heading::parse`] reads it.
    #[must_use]
    pub fn written(&self) -> String {
        self.0
            .iter()
            .map(|(category, wording)| format!("{category}={wording}"))
            .collect::<Vec<_>>()
            .join("|")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wording_survives_being_written_and_read() {
        let written = "one=One thought on “{title}”|other={count} thoughts on “{title}”";
        let heading = Heading::parse(written).unwrap();
        assert_eq!(heading.written(), written);
        assert_eq!(heading.forms().len(), 2);
        assert!(Heading::parse("").unwrap().forms().is_empty());
    }

    #[test]
    fn a_wording_needs_known_categories_and_other() {
        for bad in ["one=x", "several=x|other=y", "other", "other="] {
            assert!(Heading::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn words_are_read_back() {
        for sort in Sort::ALL {
            assert_eq!(Sort::parse(sort.as_str()), Some(*sort));
        }
        assert_eq!(Sort::parse("Oldest"), None);
    }
}
