//! The short name of a site in addresses: `/api/v1/sites/blog/thread`.

use crate::model::text::{FieldError, FieldErrorKind};

/// `[a-z0-9][a-z0-9-]{0,39}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteName(String);

impl SiteName {
    /// Parses the exact name; it is part of addresses, so nothing is trimmed or lowered.
    ///
    /// # Errors
    /// `field_invalid`.
    pub fn parse(name: &str) -> Result<Self, FieldError> {
        let fits = (1..=40).contains(&name.len())
            && !name.starts_with('-')
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(FieldError::new(
                FieldErrorKind::FieldInvalid,
                "site",
                "A site's name has 1 to 40 small letters, digits and hyphens, and does not begin with a hyphen.",
            ));
        }
        Ok(SiteName(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names() {
        for good in ["blog", "a", "9", "my-blog-2", &"x".repeat(40)] {
            assert_eq!(SiteName::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "Blog",
            "a_b",
            "a b",
            "blög",
            "a/b",
            "a\n",
            &"x".repeat(41),
        ] {
            assert_eq!(
                SiteName::parse(bad).unwrap_err().kind.as_str(),
                "field_invalid",
                "{bad:?}"
            );
        }
    }
}
