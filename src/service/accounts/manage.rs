//! Creates and removes accounts, and sets their passwords and roles. Each change is recorded in the log.
//!
//! There is always an owner: the last one can be neither removed nor made a moderator.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        account::{Account, Role},
        moderation_log::ModerationAction,
    },
    service::{
        accounts::password::{NewAccount, prepare_account},
        audit::{self, Actor},
    },
    store::{
        StoreError, Tx,
        tables::{account_roles, accounts},
    },
};

/// An account whose sessions ended with a change.
#[derive(Clone, Debug)]
pub struct EndedSessions {
    /// The account.
    pub account: Account,
    /// The number of sessions that ended.
    pub count: u64,
}

/// The result of setting a role.
#[derive(Clone, Debug)]
pub enum RoleChange {
    /// The account has the role now.
    Changed {
        /// The account after the change.
        account: Account,
        /// Its role before.
        was: Role,
    },
    /// The account had the role already; nothing was done.
    Unchanged(Account),
}

/// Creates an account.
///
/// # Errors
/// `field_invalid`, `conflict` when there is an account of this name, and those of the store.
pub async fn create(
    app: &App,
    actor: &Actor,
    name: &str,
    role: Role,
    password: &str,
) -> Result<Account, Error> {
    let NewAccount {
        account,
        password_hash,
    } = prepare_account(app, name, role, password).await?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            if let Some(found) = accounts::by_name(tx, &account.name)? {
                return Err(exists(&found));
            }
            accounts::add(tx, &account, &password_hash, inner.clock.now()).map_err(name_taken)?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::AccountCreated,
                &describe(&account),
                "",
            )?;
            Ok(account.clone())
        })
        .await
}

/// Sets the password of an account and ends its sessions.
///
/// # Errors
/// `field_invalid`, `not_found` when there is no such account, and those of the store.
pub async fn set_password(
    app: &App,
    actor: &Actor,
    name: &str,
    password: &str,
) -> Result<EndedSessions, Error> {
    let NewAccount {
        account: typed,
        password_hash,
    } = prepare_account(app, name, Role::Moderator, password).await?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let account = find_by_name(tx, &typed.name)?;
            let count = accounts::set_password(tx, account.id, &password_hash, inner.clock.now())?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::PasswordChanged,
                &account.name,
                "",
            )?;
            Ok(EndedSessions { account, count })
        })
        .await
}

/// Sets the role of an account.
///
/// # Errors
/// `not_found` when there is no such account, `conflict` for the last owner, and those of the store.
pub async fn set_role(app: &App, actor: &Actor, name: &str, role: Role) -> Result<RoleChange, Error> {
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            account_roles::lock_owners(tx)?;
            let before = find_by_name(tx, &name)?;
            let was = before.role_on(None);
            if was == role {
                return Ok(RoleChange::Unchanged(before));
            }
            refuse_last_owner(tx, &before)?;
            account_roles::set(tx, before.id, role)?;
            let account = before.with_role(role);
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::RoleChanged,
                &describe(&account),
                was.as_str(),
            )?;
            Ok(RoleChange::Changed { account, was })
        })
        .await
}

/// Removes an account and ends its sessions.
///
/// # Errors
/// `not_found` when there is no such account, `conflict` for the last owner, and those of the store.
pub async fn remove(app: &App, actor: &Actor, name: &str) -> Result<EndedSessions, Error> {
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            account_roles::lock_owners(tx)?;
            let account = find_by_name(tx, &name)?;
            refuse_last_owner(tx, &account)?;
            let count = accounts::remove(tx, account.id)?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::AccountRemoved,
                &describe(&account),
                "",
            )?;
            Ok(EndedSessions { account, count })
        })
        .await
}

/// Records a change of an account.
///
/// # Errors
/// Those of the store.
pub(crate) fn record(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    act: ModerationAction,
    target: &str,
    before: &str,
) -> Result<(), Error> {
    Ok(audit::record(app, tx, None, actor, act, target, before)?)
}

/// The name and the role of an account, for the log and the command line.
#[must_use]
pub fn describe(account: &Account) -> String {
    format!("{} ({})", account.name, account.role_on(None).as_str())
}

/// The account of this name. Errors: `not_found`.
fn find_by_name(tx: &mut dyn Tx, name: &str) -> Result<Account, Error> {
    // A text that cannot be a name is not looked up, since PostgreSQL refuses some texts.
    let account = match crate::model::text::AuthorName::parse(name) {
        Ok(Some(name)) => accounts::by_name(tx, name.as_str())?,
        _ => None,
    };
    account.ok_or_else(|| {
        Error::with_message(
            ErrorKind::NotFound,
            format!("There is no account “{name}”; `afterword admin list` shows all."),
        )
    })
}

fn exists(account: &Account) -> Error {
    let name = &account.name;
    Error {
        field: Some("name"),
        ..Error::with_message(
            ErrorKind::Conflict,
            format!(
                "There is an account “{name}” already, as {}. Nothing was changed. `afterword admin password {name} --password-stdin` \
                 sets another password, `afterword admin role {name} owner|moderator` another role.",
                account.role_on(None).as_str()
            ),
        )
    }
}

/// Refuses to change the only owner. Errors: `conflict`.
fn refuse_last_owner(tx: &mut dyn Tx, account: &Account) -> Result<(), Error> {
    if account.role_on(None) == Role::Owner && account_roles::owners(tx)? < 2 {
        return Err(Error::with_message(
            ErrorKind::Conflict,
            format!(
                "“{}” is the only owner. Create another one first: `afterword admin create NAME --password-stdin`.",
                account.name
            ),
        ));
    }
    Ok(())
}

/// The error of a unit that adds an account; a constraint fails when the name was taken at the same moment.
pub(crate) fn name_taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict(_) => Error {
            field: Some("name"),
            ..Error::with_message(ErrorKind::Conflict, "Somebody of this name exists already.")
        },
        other => other.into(),
    }
}
