//! The tables `users`, `sessions` and `setup_links`.

use super::sites::invalid_column;
use crate::{
    model::{
        id::UserId,
        time::Millis,
        user::{Role, User},
    },
    store::{Row, StoreError, Tx, params, row, rows},
};

/// Stores somebody who signs in. `Conflict` when the name is taken.
pub fn add(tx: &mut dyn Tx, user: &User, password_hash: &str, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO users (id, name, role, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![user.id.0, &user.name, user.role.as_str(), password_hash, now.0],
    )?;
    Ok(())
}

/// Somebody by name, with the hash of the password.
pub fn by_name(tx: &mut dyn Tx, name: &str) -> Result<Option<(User, String)>, StoreError> {
    let sql = "SELECT id, name, role, password_hash FROM users WHERE name = ?1";
    row(tx, sql, params![name], |row| {
        Ok((from_row(row)?, row.text(3)?.to_owned()))
    })
}

/// Everybody who can sign in.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<User>, StoreError> {
    rows(
        tx,
        "SELECT id, name, role FROM users ORDER BY id",
        params![],
        from_row,
    )
}

/// Is there an owner?
pub fn has_owner(tx: &mut dyn Tx) -> Result<bool, StoreError> {
    Ok(row(
        tx,
        "SELECT 1 FROM users WHERE role = 'owner' LIMIT 1",
        params![],
        |row| row.int(0),
    )?
    .is_some())
}

/// How many owners there are.
pub fn owners(tx: &mut dyn Tx) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM users WHERE role = 'owner'";
    Ok(row(tx, sql, params![], |row| row.int(0))?.unwrap_or(0))
}

/// Locks the owners' rows until the unit ends, so that two units cannot each leave the other's owner as the last.
pub fn lock_owners(tx: &mut dyn Tx) -> Result<(), StoreError> {
    tx.execute("UPDATE users SET role = role WHERE role = 'owner'", params![])?;
    Ok(())
}

/// Gives a user another role.
pub fn set_role(tx: &mut dyn Tx, id: UserId, role: Role) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET role = ?2 WHERE id = ?1",
        params![id.0, role.as_str()],
    )?;
    Ok(())
}

/// Removes a user and ends all of the user's sessions; answers how many.
pub fn remove(tx: &mut dyn Tx, id: UserId) -> Result<u64, StoreError> {
    let ended = end_sessions(tx, id)?;
    tx.execute("DELETE FROM users WHERE id = ?1", params![id.0])?;
    Ok(ended)
}

fn end_sessions(tx: &mut dyn Tx, id: UserId) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM sessions WHERE user_id = ?1", params![id.0])
}

/// Sets a password and ends all of the user's sessions; answers how many.
pub fn set_password(tx: &mut dyn Tx, id: UserId, password_hash: &str) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE users SET password_hash = ?2 WHERE id = ?1",
        params![id.0, password_hash],
    )?;
    end_sessions(tx, id)
}

/// Starts a session.
pub fn add_session(tx: &mut dyn Tx, token_hash: &str, user: UserId, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?3)",
        params![token_hash, user.0, now.0],
    )?;
    Ok(())
}

/// Whose session this is, if it began after `begun` and not after `ahead`, and was seen after `seen`; and when it
/// was seen.
pub fn session(
    tx: &mut dyn Tx,
    token_hash: &str,
    begun: Millis,
    ahead: Millis,
    seen: Millis,
) -> Result<Option<(User, Millis)>, StoreError> {
    let sql = "SELECT u.id, u.name, u.role, s.seen_at FROM sessions s JOIN users u ON u.id = s.user_id \
               WHERE s.token_hash = ?1 AND s.created_at > ?2 AND s.created_at <= ?3 AND s.seen_at > ?4";
    row(tx, sql, params![token_hash, begun.0, ahead.0, seen.0], |row| {
        Ok((from_row(row)?, Millis(row.int(3)?)))
    })
}

/// Notes that a session is in use.
pub fn set_session_seen(tx: &mut dyn Tx, token_hash: &str, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET seen_at = ?2 WHERE token_hash = ?1",
        params![token_hash, now.0],
    )?;
    Ok(())
}

/// Ends a session.
pub fn end_session(tx: &mut dyn Tx, token_hash: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sessions WHERE token_hash = ?1", params![token_hash])?;
    Ok(())
}

/// Drops sessions that began before `begun` or were last seen before `seen`.
pub fn purge_sessions(tx: &mut dyn Tx, begun: Millis, seen: Millis) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM sessions WHERE created_at < ?1 OR seen_at < ?2",
        params![begun.0, seen.0],
    )
}

/// Notes a setup link; earlier ones stop working.
pub fn add_setup_link(tx: &mut dyn Tx, token_hash: &str, now: Millis) -> Result<(), StoreError> {
    tx.execute("DELETE FROM setup_links", params![])?;
    tx.execute(
        "INSERT INTO setup_links (token_hash, created_at) VALUES (?1, ?2)",
        params![token_hash, now.0],
    )?;
    Ok(())
}

/// Does this setup link still work, having been made after `after` and not after `ahead`?
pub fn setup_link_works(
    tx: &mut dyn Tx,
    token_hash: &str,
    after: Millis,
    ahead: Millis,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM setup_links WHERE token_hash = ?1 AND created_at > ?2 AND created_at <= ?3";
    Ok(row(tx, sql, params![token_hash, after.0, ahead.0], |row| row.int(0))?.is_some())
}

/// Uses a setup link up. False when it was used before.
pub fn use_setup_link(tx: &mut dyn Tx, token_hash: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(
        "DELETE FROM setup_links WHERE token_hash = ?1",
        params![token_hash],
    )? > 0)
}

fn from_row(row: &dyn Row) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.int(0)?),
        name: row.text(1)?.to_owned(),
        role: Role::parse(row.text(2)?).ok_or_else(|| invalid_column("users.role"))?,
    })
}
