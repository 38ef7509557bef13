//! Validates every submitted comment: a new one, an author's edit, a moderator's edit.
//!
//! [`crate::model::text`] validates the fields, the rules of the site are checked here, and [`crate::content`] renders the
//! body. Nothing is truncated: a text that does not fit is refused.

use std::sync::Arc;

use crate::{
    app::error::{Error, ErrorKind},
    content::{self, SafeTree},
    model::{
        comment::Format,
        site::Rules,
        text::{AuthorName, CommentText, Email, ReservedNames, Website},
    },
};

/// The fields of a comment as they were typed.
#[derive(Clone, Debug, Default)]
pub struct CommentInput {
    /// The name field.
    pub name: String,
    /// The e-mail field.
    pub email: String,
    /// The website field.
    pub website: String,
    /// The text field: Markdown, or HTML for a comment that was imported as such.
    pub text: String,
    /// The format of the text; only imported comments are HTML.
    pub format: Option<Format>,
}

/// The rules for the name of a comment's author.
#[derive(Clone, Debug, Default)]
pub struct NameRules {
    /// The names that readers may not use.
    pub reserved: Arc<ReservedNames>,
    /// The present name of the comment, which may stay; empty for a new comment.
    pub present: String,
    /// The name of the account that edits the comment, which is allowed in any letter case; empty for readers.
    pub own: String,
}

impl NameRules {
    fn check(&self, typed: &str) -> Result<Option<AuthorName>, Error> {
        let name = AuthorName::parse(typed)?;
        if let Some(name) = name.as_ref().filter(|name| !self.is_allowed(name.as_str())) {
            self.reserved.check(name)?;
        }
        Ok(name)
    }

    /// Returns true for a name that is allowed although it may be reserved.
    fn is_allowed(&self, name: &str) -> bool {
        name == self.present || name.to_lowercase() == self.own.to_lowercase()
    }
}

/// A comment that passed all checks, ready to be stored.
#[derive(Clone, Debug)]
pub struct ValidatedComment {
    /// The name; empty if there is none.
    pub name: String,
    /// The e-mail address; empty if there is none.
    pub email: String,
    /// The website; empty if there is none.
    pub website: String,
    /// The source of the text.
    pub source: String,
    /// The format of the source.
    pub format: Format,
    /// The rendered body.
    pub tree: SafeTree,
}

impl ValidatedComment {
    /// Validates and renders a comment. It takes up to some milliseconds: call it through `App::run_cpu_bound`.
    ///
    /// # Errors
    /// `field_invalid` and the codes of the fields: `name_…`, `email_…`, `website_…`, `text_…`.
    pub fn check(raw: &CommentInput, rules: &Rules, naming: &NameRules) -> Result<Self, Error> {
        let name = naming.check(&raw.name)?.map(|name| name.as_str().to_owned());
        if name.is_none() && rules.require_name {
            return Err(Error::of_field(ErrorKind::NameMissing, "name"));
        }
        let email = Email::parse(&raw.email)?.map(|email| email.as_str().to_owned());
        if email.is_none() && rules.require_email {
            return Err(Error::of_field(ErrorKind::EmailMissing, "email"));
        }
        let website = Website::parse(&raw.website)?.map(|website| website.as_str().to_owned());
        let format = raw.format.unwrap_or(Format::Markdown);
        let (source, tree) = validate_text(&raw.text, format, rules)?;
        Ok(Self {
            name: name.unwrap_or_default(),
            email: email.unwrap_or_default(),
            website: website.unwrap_or_default(),
            source,
            format,
            tree,
        })
    }
}

/// Validates and renders a text; returns its source and its tree. A preview uses it too, so that it equals the comment.
///
/// # Errors
/// `text_missing`, `text_too_long`, `text_too_complex`.
pub fn validate_text(raw: &str, format: Format, rules: &Rules) -> Result<(String, SafeTree), Error> {
    let max_length = usize::try_from(rules.max_text).unwrap_or(0);
    let text = CommentText::parse(raw, max_length)?;
    let tree = match format {
        Format::Markdown => content::from_markdown(text.as_str())?,
        Format::Html => content::from_html(text.as_str())?,
    };
    if tree.is_blank() {
        return Err(Error::of_field(ErrorKind::TextMissing, "text"));
    }
    Ok((text.as_str().to_owned(), tree))
}

/// The rules for an edit, by the author or a moderator: a comment without a name or an e-mail address may stay so, although
/// the site may require them by now.
#[must_use]
pub fn rules_for_edit(rules: &Rules, name: &str) -> Rules {
    Rules {
        require_name: rules.require_name && !name.is_empty(),
        require_email: false,
        ..rules.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_keeps_the_name_and_takes_no_reserved_one() {
        let code = |name: &str, present: &str, own: &str| {
            let raw = CommentInput {
                name: name.into(),
                text: "x".into(),
                ..CommentInput::default()
            };
            let naming = NameRules {
                reserved: Arc::new(ReservedNames::of(vec!["boss".into()])),
                present: present.into(),
                own: own.into(),
            };
            ValidatedComment::check(&raw, &Rules::default(), &naming)
                .map_err(|error| error.kind.code())
                .map(|draft| draft.name)
        };
        assert_eq!(code("boss", "", ""), Err("name_invalid"));
        assert_eq!(code("boss", "Ann", ""), Err("name_invalid"));
        assert_eq!(code("boss", "boss", ""), Ok("boss".into()));
        assert_eq!(code("admin", "admin", ""), Ok("admin".into()));
        assert_eq!(code("b0ss", "boss", ""), Err("name_invalid"));
        assert_eq!(code("\u{fffc}", "", ""), Err("name_missing"));
        for (name, own, taken) in [
            ("boss", "boss", true),
            ("Boss", "boss", true),
            ("b0ss", "boss", false),
            ("The Boss", "boss", false),
            ("boss", "ann", false),
            ("admin", "ann", false),
            ("boss", "", false),
        ] {
            assert_eq!(code(name, "Ann", own).is_ok(), taken, "{name} by {own}");
        }
    }
}
