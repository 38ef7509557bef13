//! The table `identities`: credentials with which accounts sign in. So far only passwords are written.

use crate::{
    model::{id::AccountId, time::Millis},
    store::{StoreError, Tx, params, row},
};

/// Sets the password of an account. The subject of a password is the account's id, so that an account has one at most.
pub fn set_password(
    tx: &mut dyn Tx,
    id: AccountId,
    password_hash: &str,
    now: Millis,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO identities (kind, subject, account_id, credential, created_at) VALUES ('password', ?1, ?2, ?3, ?4) \
         ON CONFLICT (kind, issuer, subject) DO UPDATE SET credential = excluded.credential",
        params![&id.0.to_string(), id.0, password_hash, now.0],
    )?;
    Ok(())
}

/// The hash of an account's password; none if it has no password.
pub fn password_hash(tx: &mut dyn Tx, id: AccountId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT credential FROM identities WHERE account_id = ?1 AND kind = 'password'";
    row(tx, sql, params![id.0], |row| Ok(row.text(0)?.to_owned()))
}

/// Removes all identities of an account.
pub(super) fn remove_all(tx: &mut dyn Tx, id: AccountId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM identities WHERE account_id = ?1", params![id.0])?;
    Ok(())
}
