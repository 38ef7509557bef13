//! Rules of passwords, and their hashes (Argon2id with OWASP parameters).

use argon2::{Algorithm, Argon2, Params, Version, password_hash::phc::PasswordHash};
use argon2::{PasswordHasher as _, PasswordVerifier as _};

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
        sign_in_limits::PasswordHashSlot,
    },
    model::{
        account::{Account, Role},
        id::AccountId,
        text::AuthorName,
    },
};

/// The length of a password in characters.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=200;

/// An account that is not stored yet.
#[derive(Debug)]
pub(crate) struct NewAccount {
    /// The account.
    pub(crate) account: Account,
    /// The hash of its password.
    pub(crate) password_hash: String,
}

/// Checks the name and the password of a new account, and hashes the password.
///
/// # Errors
/// `field_invalid`, and `busy` when too many passwords are being hashed.
pub(crate) async fn prepare_account(
    app: &App,
    name: &str,
    role: Role,
    password: &str,
) -> Result<NewAccount, Error> {
    let invalid = |field, message: &'static str| Error {
        field: Some(field),
        ..Error::with_message(ErrorKind::FieldInvalid, message)
    };
    // Names that are reserved from readers are allowed for accounts.
    let name = AuthorName::parse(name)?.ok_or_else(|| invalid("name", "Choose a name to sign in with."))?;
    if name.as_str().starts_with('(') {
        // In the log, a name in brackets is no account: `(command line)`.
        return Err(invalid(
            "name",
            "A name to sign in with does not begin with a bracket.",
        ));
    }
    if !PASSWORD_LENGTH.contains(&password.chars().count()) {
        return Err(invalid(
            "password",
            "The password must have 10 to 200 characters.",
        ));
    }
    let id = AccountId(app.ids.next(app.clock.now(), 0));
    let account = Account::new(id, name.as_str().to_owned(), role);
    // All callers have the shell, a session or a setup link.
    let (typed, slot) = (password.to_owned(), app.hashing.acquire_for_known_device().await?);
    let password_hash = run_hashing(app, slot, move || hash_password(&typed))
        .await?
        .map_err(Error::internal)?;
    Ok(NewAccount {
        account,
        password_hash,
    })
}

/// Runs `work` in a slot, which is held until the work ends, also when its caller went away.
pub(super) async fn run_hashing<T: Send + 'static>(
    app: &App,
    slot: PasswordHashSlot,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    app.run_blocking(move || {
        let _slot = slot;
        work()
    })
    .await
}

/// Argon2id with 46 MiB, one pass, one lane (OWASP Password Storage Cheat Sheet).
fn argon2id() -> Argon2<'static> {
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(47_104, 1, 1, None).unwrap_or(Params::DEFAULT),
    )
}

/// A hash with the parameters of [`argon2id`] that matches no password.
pub(super) const DUMMY_HASH: &str =
    "$argon2id$v=19$m=47104,t=1,p=1$c29tZXRoaW5nc2FsdHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn hash_password(password: &str) -> Result<String, String> {
    argon2id()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

pub(super) fn verify_password(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|stored| argon2id().verify_password(password.as_bytes(), &stored).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_matches_its_hash() {
        let stored = hash_password("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"));
        assert!(verify_password("correct horse battery", &stored));
        assert!(!verify_password("correct horse batterY", &stored));
        assert!(!verify_password("anything", DUMMY_HASH));
        assert!(
            PasswordHash::new(DUMMY_HASH).is_ok(),
            "otherwise a wrong name would be refused faster than a wrong password"
        );
    }
}
