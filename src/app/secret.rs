//! The root secret, and what is made from it: keyed hashes, each for one purpose.
//!
//! A hash for one purpose says nothing about another: the purpose goes into the key (HKDF by its simplest
//! form, HMAC of the purpose), and the parts are length-prefixed, so that no two lists look alike.
//! Nothing here is ever stored in clear or logged.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a keyed hash is for. The number behind the name is raised when its parts change.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The edit token of a comment.
    Edit,
    /// Who voted.
    Reader,
    /// Whose comment it is.
    Author,
    /// The seed of an author's picture.
    Avatar,
    /// A client address.
    Address,
    /// A form of the thread page.
    PageForm,
    /// A form of the admin pages.
    AdminForm,
    /// A device that somebody has signed in on.
    Device,
    /// A question of `afterword doctor`.
    Doctor,
    /// Whether a database belongs to this secret.
    Database,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Edit => "edit/1",
            Self::Reader => "reader/1",
            Self::Author => "author/1",
            Self::Avatar => "avatar/1",
            Self::Address => "address/1",
            Self::PageForm => "page-form/1",
            Self::AdminForm => "admin-form/1",
            Self::Device => "device/1",
            Self::Doctor => "doctor/1",
            Self::Database => "database/1",
        }
    }
}

/// The root of all tokens.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Secret {
    /// From 64 or more hexadecimal digits.
    pub fn from_hex(hex: &str) -> Result<Self, String> {
        let bytes = HEXLOWER_PERMISSIVE
            .decode(hex.trim().as_bytes())
            .map_err(|_| "the secret must be hexadecimal".to_owned())?;
        if bytes.len() < 32 {
            return Err("the secret must have 64 or more hexadecimal digits".to_owned());
        }
        Ok(Self(bytes))
    }

    /// The keyed hash of `parts` for `purpose`: 256 bits.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&str]) -> [u8; 32] {
        let key = hmac(&self.0, &[purpose.name()]);
        hmac(&key, parts)
    }

    /// A number that tells this secret from others and says nothing about it: 63 bits of [`Secret::mac`].
    #[must_use]
    pub fn fingerprint(&self) -> i64 {
        let mac = self.mac(Purpose::Database, &[]);
        let bits = mac
            .iter()
            .take(8)
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        i64::try_from(bits >> 1).unwrap_or_default()
    }

    /// [`Secret::mac`] as 43 characters for URLs and headers.
    #[must_use]
    pub fn token(&self, purpose: Purpose, parts: &[&str]) -> String {
        BASE64URL_NOPAD.encode(&self.mac(purpose, parts))
    }

    /// The first 128 bits of [`Secret::mac`], as 22 characters: for keys in the database.
    #[must_use]
    pub fn key(&self, purpose: Purpose, parts: &[&str]) -> String {
        BASE64URL_NOPAD.encode(&self.mac(purpose, parts)[..16])
    }
}

fn hmac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256 in hexadecimal; of random tokens, which need no key.
#[must_use]
pub fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// SHA-256 of parts, length-prefixed, in hexadecimal.
#[must_use]
pub fn hash_parts(parts: &[&str]) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    HEXLOWER.encode(&sha.finalize())
}

/// Are two texts equal? Takes the same time wherever they differ.
#[must_use]
pub fn constant_time_eq(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// `N` random bytes as a text for URLs and cookies. Errors: the system has no randomness to give.
pub fn random<const N: usize>() -> Result<String, String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// A fresh root secret in hexadecimal.
pub fn random_root() -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_and_parts_do_not_mix() {
        let secret = Secret::from_hex(&"ab".repeat(32)).unwrap();
        assert_eq!(
            secret.token(Purpose::Edit, &["a", "bc"]),
            secret.token(Purpose::Edit, &["a", "bc"])
        );
        assert_ne!(
            secret.token(Purpose::Edit, &["a", "bc"]),
            secret.token(Purpose::Edit, &["ab", "c"])
        );
        assert_ne!(
            secret.token(Purpose::Edit, &["a"]),
            secret.token(Purpose::Reader, &["a"])
        );
        assert_eq!(secret.token(Purpose::Edit, &["a"]).len(), 43);
        let other = Secret::from_hex(&"ac".repeat(32)).unwrap();
        assert_ne!(secret.fingerprint(), other.fingerprint());
        assert!(secret.fingerprint() > 0);
        assert!(Secret::from_hex("abcd").is_err());
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
    }
}
