//! The table `accounts`, and the rows of other tables that belong to an account: identities, roles and sessions.

use super::{account_roles, identities, sessions, sites::invalid_column};
use crate::{
    model::{
        account::{Account, Role},
        id::AccountId,
        time::Millis,
    },
    store::{Row, StoreError, Tx, params, row, rows},
};

/// Stores an account with its password and its role on all sites.
///
/// # Errors
/// `Conflict` when the name is taken.
pub fn add(tx: &mut dyn Tx, account: &Account, password_hash: &str, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO accounts (id, name, created_at) VALUES (?1, ?2, ?3)",
        params![account.id.0, &account.name, now.0],
    )?;
    identities::set_password(tx, account.id, password_hash, now)?;
    account_roles::set(tx, account.id, account.role_on(None))
}

/// The account of this name.
pub fn by_name(tx: &mut dyn Tx, name: &str) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT a.id, a.name, r.role FROM accounts a JOIN account_roles r ON r.account_id = a.id AND r.site_id = 0 WHERE a.name = ?1";
    row(tx, sql, params![name], from_row)
}

/// All accounts, the oldest first.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<Account>, StoreError> {
    let sql = "SELECT a.id, a.name, r.role FROM accounts a JOIN account_roles r ON r.account_id = a.id AND r.site_id = 0 ORDER BY a.id";
    rows(tx, sql, params![], from_row)
}

/// The account of a session that began after `begun` and not after `ahead`, and was last seen after `seen`; and when it
/// was last seen.
pub fn by_session(
    tx: &mut dyn Tx,
    token_hash: &str,
    begun: Millis,
    ahead: Millis,
    seen: Millis,
) -> Result<Option<(Account, Millis)>, StoreError> {
    let sql = "SELECT a.id, a.name, r.role, s.seen_at FROM sessions s JOIN accounts a ON a.id = s.account_id \
               JOIN account_roles r ON r.account_id = a.id AND r.site_id = 0 \
               WHERE s.token_hash = ?1 AND s.created_at > ?2 AND s.created_at <= ?3 AND s.seen_at > ?4";
    row(tx, sql, params![token_hash, begun.0, ahead.0, seen.0], |row| {
        Ok((from_row(row)?, Millis(row.int(3)?)))
    })
}

/// Sets the password, ends all sessions of the account, and returns their number.
pub fn set_password(
    tx: &mut dyn Tx,
    id: AccountId,
    password_hash: &str,
    now: Millis,
) -> Result<u64, StoreError> {
    identities::set_password(tx, id, password_hash, now)?;
    sessions::end_all(tx, id)
}

/// Removes an account with its identities, roles and sessions, and returns the number of sessions.
pub fn remove(tx: &mut dyn Tx, id: AccountId) -> Result<u64, StoreError> {
    let ended = sessions::end_all(tx, id)?;
    identities::remove_all(tx, id)?;
    account_roles::remove_all(tx, id)?;
    tx.execute("DELETE FROM accounts WHERE id = ?1", params![id.0])?;
    Ok(ended)
}

fn from_row(row: &dyn Row) -> Result<Account, StoreError> {
    let role = Role::parse(row.text(2)?).ok_or_else(|| invalid_column("account_roles.role"))?;
    Ok(Account::new(
        AccountId(row.int(0)?),
        row.text(1)?.to_owned(),
        role,
    ))
}
