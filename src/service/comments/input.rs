//! The one place that validates what somebody wrote, whichever path it comes by: a new comment, an edit,
//! a moderator's edit.
//!
//! Field by field it is [`crate::model::text`]; what a site demands is added here; the body goes through
//! [`crate::content`]. Nothing is ever cut short: what does not fit is refused.

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

/// What somebody typed, untouched.
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
    /// What `validate_text` is written in; nothing but imports is HTML.
    pub format: Option<Format>,
}

/// Which names a comment may carry.
#[derive(Clone, Debug, Default)]
pub struct NameRules {
    /// The names that are taken.
    pub reserved: Arc<ReservedNames>,
    /// The name that the comment carries already, which may stay; empty for a new one.
    pub present: String,
    /// The name of the moderator who edits it, who may sign with it in whichever letter case; empty for readers.
    pub own: String,
}

impl NameRules {
    fn check(&self, typed: &str) -> Result<Option<AuthorName>, Error> {
        let name = AuthorName::parse(typed)?;
        if let Some(name) = name.as_ref().filter(|name| !self.may_carry(name.as_str())) {
            self.reserved.check(name)?;
        }
        Ok(name)
    }

    fn may_carry(&self, name: &str) -> bool {
        name == self.present || name.to_lowercase() == self.own.to_lowercase()
    }
}

/// What may be stored.
#[derive(Clone, Debug)]
pub struct ValidatedComment {
    /// The name; empty where the site allows it.
    pub name: String,
    /// The e-mail address; empty if not given.
    pub email: String,
    /// The website; empty if not given.
    pub website: String,
    /// The source.
    pub source: String,
    /// What the source is written in.
    pub format: Format,
    /// The rendered body.
    pub tree: SafeTree,
}

impl ValidatedComment {
    /// Validates and renders. Takes up to some milliseconds: call it through `App::run_cpu_bound`.
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

/// Validates and renders a text alone: what a preview shows is what a comment will be.
pub fn validate_text(raw: &str, format: Format, rules: &Rules) -> Result<(String, SafeTree), Error> {
    let most = usize::try_from(rules.max_text).unwrap_or(0);
    let text = CommentText::parse(raw, most)?;
    let tree = match format {
        Format::Markdown => content::from_markdown(text.as_str())?,
        Format::Html => content::from_html(text.as_str())?,
    };
    if tree.is_blank() {
        return Err(Error::of_field(ErrorKind::TextMissing, "text"));
    }
    Ok((text.as_str().to_owned(), tree))
}

/// The rules for changing a comment, by its author or a moderator: what it was taken without need not
/// be invented now, although the site may have begun to ask for it.
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
