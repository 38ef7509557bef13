//! Which secret a database belongs to: its fingerprint is kept in the database.
//!
//! Edit tokens, votes and authors are known by hashes that are keyed with the secret. With another one all of them
//! would silently mean nobody, so a database is not opened with a secret that is not its own.

use super::secret::Secret;
use crate::store::{Store, StoreError, Tx, tables::instance};

/// Its name in the table `instance`.
const INSTANCE_KEY: &str = "secret";

/// How a secret and a database stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretOwnership {
    /// The database belongs to this secret.
    Own,
    /// It belongs to another one.
    Foreign,
}

/// Binds a database that belongs to no secret yet to this one; answers how they stand.
///
/// # Errors
/// Those of the database.
pub async fn bind(store: &Store, secret: &Secret) -> Result<SecretOwnership, StoreError> {
    let mine = secret.fingerprint();
    let known = store.read(|tx| instance::get(tx, INSTANCE_KEY)).await?;
    let known = match known {
        Some(known) => known,
        // Another node may be quicker.
        None => {
            store
                .write(move |tx| instance::set_once(tx, INSTANCE_KEY, mine))
                .await?
        }
    };
    Ok(if known == mine {
        SecretOwnership::Own
    } else {
        SecretOwnership::Foreign
    })
}

/// Lets the database belong to this secret, whichever it belonged to.
///
/// # Errors
/// Those of the database.
pub async fn rebind(store: &Store, secret: &Secret) -> Result<(), StoreError> {
    let mine = secret.fingerprint();
    store.write(move |tx| instance::set(tx, INSTANCE_KEY, mine)).await
}

/// What a database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingState {
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
pub fn binding_state(tx: &mut dyn Tx) -> Result<BindingState, StoreError> {
    Ok(match instance::get(tx, INSTANCE_KEY)? {
        Some(fingerprint) => BindingState::Secret(fingerprint),
        None if instance::has_keyed_rows(tx)? => BindingState::Unknown,
        None => BindingState::None,
    })
}
