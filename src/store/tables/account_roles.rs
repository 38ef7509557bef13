//! The table `account_roles`: roles of accounts on sites. Site 0 means all sites.

use crate::{
    model::{account::Role, id::AccountId},
    store::{StoreError, Tx, params, row},
};

/// Sets the role of an account on all sites.
pub fn set(tx: &mut dyn Tx, id: AccountId, role: Role) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO account_roles (account_id, site_id, role) VALUES (?1, 0, ?2) \
         ON CONFLICT (account_id, site_id) DO UPDATE SET role = excluded.role",
        params![id.0, role.as_str()],
    )?;
    Ok(())
}

/// Returns true if there is an owner of all sites.
pub fn has_owner(tx: &mut dyn Tx) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM account_roles WHERE site_id = 0 AND role = 'owner' LIMIT 1";
    Ok(row(tx, sql, params![], |row| row.int(0))?.is_some())
}

/// The number of owners of all sites.
pub fn owners(tx: &mut dyn Tx) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM account_roles WHERE site_id = 0 AND role = 'owner'";
    Ok(row(tx, sql, params![], |row| row.int(0))?.unwrap_or(0))
}

/// Locks the owners' rows until the unit ends, so that two units cannot each leave the other's owner as the last.
pub fn lock_owners(tx: &mut dyn Tx) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account_roles SET role = role WHERE site_id = 0 AND role = 'owner'",
        params![],
    )?;
    Ok(())
}

/// Removes all roles of an account.
pub(super) fn remove_all(tx: &mut dyn Tx, id: AccountId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM account_roles WHERE account_id = ?1", params![id.0])?;
    Ok(())
}
