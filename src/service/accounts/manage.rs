//! Accounts of the people who sign in: created, removed, given another password or role. Each act is recorded.
//!
//! There is always an owner: the last one can be neither removed nor made a moderator.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        moderation_log::ModerationAction,
        user::{Role, User},
    },
    service::{
        accounts::password::prepare_account,
        audit::{self, Actor},
    },
    store::{StoreError, Tx, tables::users},
};

/// Creates an account. Errors: `field_invalid`, and `conflict` where there is one of this name.
pub async fn create(app: &App, actor: &Actor, name: &str, role: Role, password: &str) -> Result<User, Error> {
    let (user, password_hash) = prepare_account(app, name, role, password).await?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            if let Some((found, _)) = users::by_name(tx, &user.name)? {
                return Err(exists(&found));
            }
            users::add(tx, &user, &password_hash, inner.clock.now()).map_err(name_taken)?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::AccountCreated,
                &describe(&user),
                "",
            )?;
            Ok(user.clone())
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
) -> Result<(User, u64), Error> {
    let (typed, password_hash) = prepare_account(app, name, Role::Moderator, password).await?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let user = found(tx, &typed.name)?;
            let ended = users::set_password(tx, user.id, &password_hash)?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::PasswordChanged,
                &user.name,
                "",
            )?;
            Ok((user, ended))
        })
        .await
}

/// Gives an account another role; answers the account as it is now, and the role that it had.
/// Errors: `not_found`, and `conflict` for the last owner.
pub async fn set_role(app: &App, actor: &Actor, name: &str, role: Role) -> Result<(User, Role), Error> {
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            users::lock_owners(tx)?;
            let before = found(tx, &name)?;
            if before.role == role {
                return Ok((before, role));
            }
            keep_an_owner(tx, &before)?;
            users::set_role(tx, before.id, role)?;
            let was = before.role;
            let user = User { role, ..before };
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::RoleChanged,
                &describe(&user),
                was.as_str(),
            )?;
            Ok((user, was))
        })
        .await
}

/// Removes an account and ends its sessions; answers it, and how many sessions ended.
/// Errors: `not_found`, and `conflict` for the last owner.
pub async fn remove(app: &App, actor: &Actor, name: &str) -> Result<(User, u64), Error> {
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            users::lock_owners(tx)?;
            let user = found(tx, &name)?;
            keep_an_owner(tx, &user)?;
            let ended = users::remove(tx, user.id)?;
            record(
                &inner,
                tx,
                &actor,
                ModerationAction::AccountRemoved,
                &describe(&user),
                "",
            )?;
            Ok((user, ended))
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
pub fn describe(user: &User) -> String {
    format!("{} ({})", user.name, user.role.as_str())
}

fn found(tx: &mut dyn Tx, name: &str) -> Result<User, Error> {
    // What no account can be called is not looked up: not every database takes every text.
    let user = match crate::model::text::AuthorName::parse(name) {
        Ok(Some(name)) => users::by_name(tx, name.as_str())?,
        _ => None,
    };
    user.map(|(user, _)| user).ok_or_else(|| {
        Error::with_message(
            ErrorKind::NotFound,
            format!("There is no account “{name}”; `afterword admin list` shows all."),
        )
    })
}

fn exists(user: &User) -> Error {
    let name = &user.name;
    Error {
        field: Some("name"),
        ..Error::with_message(
            ErrorKind::Conflict,
            format!(
                "There is an account “{name}” already, as {}. Nothing was changed. `afterword admin password {name} --password-stdin` \
                 sets another password, `afterword admin role {name} owner|moderator` another role.",
                user.role.as_str()
            ),
        )
    }
}

/// Errors: `conflict` where this is the only owner.
fn keep_an_owner(tx: &mut dyn Tx, user: &User) -> Result<(), Error> {
    if user.role == Role::Owner && users::owners(tx)? < 2 {
        return Err(Error::with_message(
            ErrorKind::Conflict,
            format!(
                "“{}” is the only owner. Create another one first: `afterword admin create NAME --password-stdin`.",
                user.name
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
