//! Accounts: created, removed, given another password or role. Each act is recorded.
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
        accounts::password::prepare_account,
        audit::{self, Actor},
    },
    store::{
        StoreError, Tx,
        tables::{account_roles, accounts},
    },
};

/// Creates an account. Errors: `field_invalid`, and `conflict` where there is one of this name.
pub async fn create(
    app: &App,
    actor: &Actor,
    name: &str,
    role: Role,
    password: &str,
) -> Result<Account, Error> {
    let (account, password_hash) = prepare_account(app, name, role, password).await?;
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

/// Gives an account another password and ends its sessions; answers it, and how many sessions ended.
/// Errors: `field_invalid`, and `not_found` where there is no such account.
pub async fn set_password(
    app: &App,
    actor: &Actor,
    name: &str,
    password: &str,
) -> Result<(Account, u64), Error> {
    let (typed, password_hash) = prepare_account(app, name, Role::Moderator, password).await?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let account = found(tx, &typed.name)?;
            let ended = accounts::set_password(tx, account.id, &password_hash, inner.clock.now())?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::PasswordChanged,
                &account.name,
                "",
            )?;
            Ok((account, ended))
        })
        .await
}

/// Gives an account another role; answers the account as it is now, and the role that it had.
/// Errors: `not_found`, and `conflict` for the last owner.
pub async fn set_role(app: &App, actor: &Actor, name: &str, role: Role) -> Result<(Account, Role), Error> {
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            account_roles::lock_owners(tx)?;
            let before = found(tx, &name)?;
            let was = before.role_on(None);
            if was == role {
                return Ok((before, role));
            }
            keep_an_owner(tx, &before)?;
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
            Ok((account, was))
        })
        .await
}

/// Removes an account and ends its sessions; answers it, and how many sessions ended.
/// Errors: `not_found`, and `conflict` for the last owner.
pub async fn remove(app: &App, actor: &Actor, name: &str) -> Result<(Account, u64), Error> {
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            account_roles::lock_owners(tx)?;
            let account = found(tx, &name)?;
            keep_an_owner(tx, &account)?;
            let ended = accounts::remove(tx, account.id)?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::AccountRemoved,
                &describe(&account),
                "",
            )?;
            Ok((account, ended))
        })
        .await
}

/// Records an act on an account.
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

/// An account as the log and the command line show it.
#[must_use]
pub fn describe(account: &Account) -> String {
    format!("{} ({})", account.name, account.role_on(None).as_str())
}

fn found(tx: &mut dyn Tx, name: &str) -> Result<Account, Error> {
    // What no account can be called is not looked up: not every database takes every text.
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

/// Errors: `conflict` where this is the only owner.
fn keep_an_owner(tx: &mut dyn Tx, account: &Account) -> Result<(), Error> {
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

/// A name that somebody took at the same moment.
pub(crate) fn name_taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict(_) => Error {
            field: Some("name"),
            ..Error::with_message(ErrorKind::Conflict, "Somebody of this name exists already.")
        },
        other => other.into(),
    }
}
