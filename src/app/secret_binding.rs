//! Which secret a database belongs to: its fingerprint is kept in the database.
//!
//! Edit tokens, votes and authors are known by hashes that are keyed with the secret. With another one all of them
//! would silently mean nobody, so a database is not opened with a secret that is not its own.

use super::secret::Secret;
use crate::store::{Store, StoreError, Tx, tables::instance};

/// Its name in the table `instance`.
const NAME: &str = "secret";

/// How a secret and a database stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The database belongs to this secret.
    Own,
    /// It belongs to another one.
    Foreign,
}

/// Binds a database that belongs to no secret yet to this one; answers how they stand.
///
/// # Errors
/// Those of the database.
pub async fn bind(store: &Store, secret: &Secret) -> Result<Binding, StoreError> {
    let mine = secret.fingerprint();
    let known = store.read(|tx| instance::get(tx, NAME)).await?;
    let known = match known {
        Some(known) => known,
        // Another node may be quicker.
        None => store.write(move |tx| instance::set_once(tx, NAME, mine)).await?,
    };
    Ok(if known == mine {
        Binding::Own
    } else {
        Binding::Foreign
    })
}

/// Lets the database belong to this secret, whichever it belonged to.
///
/// # Errors
/// Those of the database.
pub async fn rebind(store: &Store, secret: &Secret) -> Result<(), StoreError> {
    let mine = secret.fingerprint();
    store.write(move |tx| instance::set(tx, NAME, mine)).await
}

/// What a database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// To no secret: it holds nothing that was made with one.
    None,
    /// To a secret that is not noted: it was last used by a version that did not check.
    Unknown,
    /// To the secret with this fingerprint.
    Secret(i64),
}

/// What the database belongs to, whatever the version of its schema.
///
/// # Errors
/// Those of the database.
pub fn bond(tx: &mut dyn Tx) -> Result<Bond, StoreError> {
    Ok(match instance::get(tx, NAME)? {
        Some(fingerprint) => Bond::Secret(fingerprint),
        None if instance::has_keyed_rows(tx)? => Bond::Unknown,
        None => Bond::None,
    })
}
