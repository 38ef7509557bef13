//! The root secret, and the keyed hashes that are derived from it, each for one purpose.
//!
//! A hash for one purpose reveals nothing about hashes for others: the purpose is part of the key (HMAC of the purpose,
//! the simplest form of HKDF), and the parts are length-prefixed, so that different lists give different inputs. The
//! secret is never logged, and never stored in the database.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The purpose of a keyed hash. The number in its name is raised when its parts change.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The edit token of a comment.
    Edit,
    /// The reader of a vote.
    Reader,
    /// The author of a comment.
    Author,
    /// The seed of an author's picture.
    Avatar,
    /// A client address.
    Address,
    /// A form of the thread page.
    PageForm,
    /// A form of the admin pages.
    AdminForm,
    /// The cookie of a device on which an account has signed in.
    Device,
    /// A request of `afterword doctor`.
    Doctor,
    /// The fingerprint of the secret in the database.
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
    /// Parses 64 or more hexadecimal digits.
    ///
    /// # Errors
    /// A sentence if there are other characters or too few digits.
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

    /// A number that identifies this secret and reveals nothing about it: 63 bits of [`Secret::mac`].
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

/// SHA-256 in hexadecimal, for random tokens. They need no key.
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

/// True if two texts are equal. Texts of equal length take the same time wherever they differ.
#[must_use]
pub fn constant_time_eq(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// `N` random bytes in base64url, for URLs and cookies.
///
/// # Errors
/// A sentence if the system has no random numbers.
pub fn random<const N: usize>() -> Result<String, String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// A new root secret in hexadecimal.
///
/// # Errors
/// A sentence if the system has no random numbers.
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
