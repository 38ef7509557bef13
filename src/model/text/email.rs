//! A commenter's e-mail address: exactly one recipient, or an error.
//!
//! Stricter than RFC 5321 on purpose: commenters do not use what it refuses (quoted local parts, comments, address
//! literals, source routes), and each is a way to add a recipient or a header. The address is never shown to readers.

use crate::model::text::{FieldError, FieldErrorKind};
use url::Host;

const FIELD: &str = "email";
/// Longest local part, in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Longest address, in bytes (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_TOTAL: usize = 254;

/// `local@domain`, all ASCII, the domain in lower case and punycode.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Parses a typed address; `None` if the field is empty.
    ///
    /// # Errors
    /// `email_invalid`.
    pub fn parse(typed: &str) -> Result<Option<Self>, FieldError> {
        let typed = typed.trim_matches([' ', '\t', '\n', '\r']);
        if typed.is_empty() {
            return Ok(None);
        }
        let local = typed.split('@').next().unwrap_or_default().len();
        let sentence = if typed.len() > MAX_TOTAL || local > MAX_LOCAL {
            "An e-mail address has at most 254 characters, 64 of them before the @."
        } else {
            "This is not an e-mail address."
        };
        let address =
            address(typed).ok_or_else(|| FieldError::new(FieldErrorKind::EmailInvalid, FIELD, sentence))?;
        Ok(Some(Email(address)))
    }

    /// The error for a site that requires an address.
    pub fn missing() -> FieldError {
        FieldError::new(
            FieldErrorKind::EmailMissing,
            FIELD,
            "Please give an e-mail address.",
        )
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn address(typed: &str) -> Option<String> {
    if typed.len() > 4 * MAX_TOTAL {
        return None;
    }
    let (local, domain) = typed.split_once('@')?;
    if !is_local(local) {
        return None;
    }
    let address = format!("{local}@{}", domain_name(domain)?);
    (address.len() <= MAX_TOTAL).then_some(address)
}

/// Returns true if this is a dot-atom (RFC 5322 §3.2.3) without `!`, `%`, `|` and the backtick, which old mailers read as
/// routes and commands, and without a leading hyphen, which sendmail reads as an option.
fn is_local(local: &str) -> bool {
    (1..=MAX_LOCAL).contains(&local.len())
        && !local.starts_with('-')
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"#$&'*+-/=?^_{}~".contains(&b))
        })
}

/// The domain in ASCII, by the IDNA rules of browsers (WHATWG URL), then checked as a DNS name (RFC 1035 §2.3.1).
fn domain_name(domain: &str) -> Option<String> {
    // The URL rules would decode percent signs and drop these characters first.
    if domain
        .chars()
        .any(|c| c == '%' || c.is_whitespace() || c.is_control())
    {
        return None;
    }
    let Host::Domain(name) = Host::parse(domain).ok()? else {
        return None;
    };
    let labels: Vec<&str> = name.split('.').collect();
    let top = labels.last()?;
    let fits = labels.len() >= 2
        && !top.bytes().all(|b| b.is_ascii_digit())
        && !matches!(*top, "localhost" | "local")
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_pass() {
        for (typed, kept) in [
            ("a@b.example", "a@b.example"),
            (" Ann.O'Brien+tea@B.Example\n", "Ann.O'Brien+tea@b.example"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("x_y-z@mail.b.example", "x_y-z@mail.b.example"),
        ] {
            assert_eq!(Email::parse(typed).unwrap().unwrap().as_str(), kept);
        }
        assert_eq!(Email::parse("  ").unwrap(), None);
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("{}@b.example", "x".repeat(65));
        for typed in [
            "root",
            "a@",
            "@b.example",
            "a@@b.example",
            "a@b@c.example",
            "a@localhost",
            "a@x.localhost",
            "a@b",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "\"a b\"@b.example",
            "a@b.example,c@d.example",
            "a@b.example;c@d.example",
            "a@b.example c@d.example",
            "<a@b.example>",
            "a@b.example\r\nBcc: v@x.example",
            "a@b.example\u{2028}x",
            "a@b.example\0",
            ".a@b.example",
            "a.@b.example",
            "a..b@b.example",
            "a%x.example@b.example",
            "b!a@b.example",
            "-oQ@b.example",
            "ä@b.example",
            "a@b_c.example",
            "a@-b.example",
            "a@b..example",
            "a@b.example?cc=x",
            "a@b%2eexample",
            "a@b.123",
            &long,
        ] {
            assert_eq!(
                Email::parse(typed).map_err(|e| e.kind.as_str()),
                Err("email_invalid"),
                "{typed:?}"
            );
        }
    }
}
