//! The binding of a database to a secret: the fingerprint of the secret is stored in the database.
//!
//! Edit tokens, votes and authors are identified by hashes that are keyed with the secret. With another secret none of
//! them would match any more, without an error, so a database is not opened with another secret than its own.

use super::secret::Secret;
use crate::store::{Store, StoreError, Tx, tables::instance};

/// The key of the fingerprint in the table `instance`.
const INSTANCE_KEY: &str = "secret";

/// The relation of a secret to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretOwnership {
    /// The database belongs to this secret.
    Own,
    /// The database belongs to another secret.
    Foreign,
}

/// Binds a database without a secret to this one. Returns the relation of the two.
///
/// # Errors
/// Those of the store.
pub async fn bind(store: &Store, secret: &Secret) -> Result<SecretOwnership, StoreError> {
    let mine = secret.fingerprint();
    let known = store.read(|tx| instance::get(tx, INSTANCE_KEY)).await?;
    let known = match known {
        Some(known) => known,
        // Another node may set it first.
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

/// Binds the database to this secret, also if it belongs to another one.
///
/// # Errors
/// Those of the store.
pub async fn rebind(store: &Store, secret: &Secret) -> Result<(), StoreError> {
    let mine = secret.fingerprint();
    store.write(move |tx| instance::set(tx, INSTANCE_KEY, mine)).await
}

/// The secret that a database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingState {
    /// None: the database has no rows that depend on a secret.
    None,
    /// A secret whose fingerprint is not stored: an older version wrote the rows.
    Unknown,
    /// The secret with this fingerprint.
    Secret(i64),
}

/// Reads the binding of a database with any version of the schema.
///
/// # Errors
/// Those of the store.
pub fn binding_state(tx: &mut dyn Tx) -> Result<BindingState, StoreError> {
    Ok(match instance::get(tx, INSTANCE_KEY)? {
        Some(fingerprint) => BindingState::Secret(fingerprint),
        None if instance::has_keyed_rows(tx)? => BindingState::Unknown,
        None => BindingState::None,
    })
}
