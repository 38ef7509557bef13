//! A site: one blog, its origins and its settings.

use super::{
    id::SiteId,
    page::{Origin, PageKey, PageUrl},
    string_enum::string_enum,
    text::SiteName,
    time::Millis,
};

/// Name of the demo site.
pub const DEMO_SITE: &str = "demo";

/// A site as it is stored.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Name in URLs and in the embed code.
    pub name: SiteName,
    /// When it was registered.
    pub created_at: Millis,
    /// Origins of its pages, in the order of registration; the first is the main one.
    pub origins: Vec<Origin>,
    /// Settings.
    pub rules: Rules,
}

impl Site {
    /// Returns true if this is one of the registered origins, compared exactly.
    #[must_use]
    pub fn has_origin(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }

    /// The key of a page under this site's settings.
    #[must_use]
    pub fn key_of(&self, page: &PageUrl) -> PageKey {
        if self.rules.html_folds {
            page.key().without_html()
        } else {
            page.key()
        }
    }
}

/// The settings of a site, which an owner may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The comments that are held.
    pub moderation: Moderation,
    /// True if a comment needs a name.
    pub require_name: bool,
    /// True if a comment needs an e-mail address.
    pub require_email: bool,
    /// The votes that readers have.
    pub votes: Votes,
    /// The default order of top-level comments.
    pub sort: Sort,
    /// Seconds after posting in which authors may edit and delete their comments.
    pub edit_window: i64,
    /// Longest comment, in graphemes.
    pub max_text: i64,
    /// Days after which a thread closes automatically; 0: never.
    pub close_after: i64,
    /// Wording of the heading above the thread.
    pub heading: Heading,
    /// True if `/tea.html` and `/tea` are one page.
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

string_enum!(
    /// The comments that wait for a moderator before readers see them.
    Moderation {
        /// None: every comment appears at once.
        None = "none",
        /// An author's comments until one is approved; later ones appear at once.
        First = "first",
        /// Every comment.
        All = "all",
    }
);

string_enum!(
    /// The votes of a site.
    Votes {
        /// Up-votes and down-votes.
        Both = "both",
        /// Up-votes only.
        Up = "up",
        /// No votes.
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
        /// Highest [`crate::model::score`] first.
        Best = "best",
        /// Most replies first.
        Replies = "replies",
    }
);

impl Sort {
    /// The orders that a site can have as default: those that do not change with each reply.
    pub const OF_SITES: &'static [Self] = &[Self::Oldest, Self::Newest, Self::Best];
}

/// The wording of a thread's heading by plural category; empty: the widget's own wording.
///
/// Written `one=One thought on “{title}”|other={count} thoughts on “{title}”`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading(Vec<(String, String)>);

impl Heading {
    /// The plural categories of Unicode CLDR.
    pub const CATEGORIES: [&'static str; 6] = ["zero", "one", "two", "few", "many", "other"];

    /// Parses the written form.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
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

    /// Pairs of category and wording; empty if the owner chose none.
    #[must_use]
    pub fn forms(&self) -> &[(String, String)] {
        &self.0
    }

    /// The written form that [`Heading::parse`] reads.
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
