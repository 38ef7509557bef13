//! Setup links, by which the first owner of an instance creates an account.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
        secret::{hash, random},
    },
    model::{account::Role, moderation_log::ModerationAction, time::HOUR},
    service::{
        accounts::{
            manage::{describe, name_taken, record},
            password::{NewAccount, prepare_account},
            session::{SignedIn, begin_session},
        },
        audit::Actor,
    },
    store::{
        StoreError,
        tables::{account_roles, accounts, setup_links},
    },
};

/// The time in milliseconds for which a setup link is valid.
pub const SETUP_LINK_LIFETIME: i64 = HOUR;

/// Creates a setup link and invalidates earlier ones. Returns its token; `None` if there is an owner.
///
/// # Errors
/// `internal` when the system has no random bytes, and those of the store.
pub async fn create(app: &App) -> Result<Option<String>, Error> {
    let token = random::<16>().map_err(Error::internal)?;
    let (token_hash, now) = (hash(&token), app.clock.now());
    let made = app
        .store
        .write(move |tx| {
            if account_roles::has_owner(tx)? {
                return Ok(false);
            }
            setup_links::add(tx, &token_hash, now)?;
            Ok::<_, StoreError>(true)
        })
        .await?;
    Ok(made.then_some(token))
}

/// Returns true if a setup link is valid. Its token has 128 random bits, so no limit counts the checks.
///
/// # Errors
/// Those of the store.
pub async fn is_valid(app: &App, token: &str) -> Result<bool, Error> {
    let (token_hash, now) = (hash(token), app.clock.now());
    let (after, ahead) = (now.plus(-SETUP_LINK_LIFETIME), now.plus(SETUP_LINK_LIFETIME));
    app.store
        .read(move |tx| Ok(setup_links::works(tx, &token_hash, after, ahead)?))
        .await
}

/// Redeems a setup link: creates an owner and signs in.
///
/// # Errors
/// `form_not_ours` for a used or expired link, `field_invalid`, `conflict` when the name is taken, and those of the store.
pub async fn redeem(
    app: &App,
    known_devices: &str,
    token: &str,
    name: &str,
    password: &str,
) -> Result<SignedIn, Error> {
    if !is_valid(app, token).await? {
        return Err(Error::with_message(
            ErrorKind::FormNotOurs,
            "This setup link was used or is older than an hour. Restart the server for a new one.",
        ));
    }
    let NewAccount {
        account,
        password_hash,
    } = prepare_account(app, name, Role::Owner, password).await?;
    let (token_hash, now, made) = (hash(token), app.clock.now(), account.clone());
    let stored = password_hash.clone();
    let inner = app.clone();
    app.store
        .write(move |tx| {
            if !setup_links::redeem(tx, &token_hash)? {
                return Err(Error::from(ErrorKind::FormNotOurs));
            }
            accounts::add(tx, &made, &password_hash, now).map_err(name_taken)?;
            record(
                &inner,
                tx,
                &Actor::from(&made),
                ModerationAction::AccountCreated,
                &describe(&made),
                "",
            )
        })
        .await?;
    begin_session(app, known_devices, account, &stored).await
}
