//! Setup links: how the first owner of an instance gets an account.

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
            password::prepare_account,
            session::{SignedIn, begin_session},
        },
        audit::Actor,
    },
    store::{
        StoreError,
        tables::{account_roles, accounts, setup_links},
    },
};

/// How long a setup link works.
pub const SETUP_LINK_LIFETIME: i64 = HOUR;

/// Makes a setup link if there is no owner yet; earlier links stop working. Answers its secret part.
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

/// Does this setup link still work? It has 128 random bits: asking takes nothing from anybody's limit.
pub async fn is_valid(app: &App, token: &str) -> Result<bool, Error> {
    let (token_hash, now) = (hash(token), app.clock.now());
    let (after, ahead) = (now.plus(-SETUP_LINK_LIFETIME), now.plus(SETUP_LINK_LIFETIME));
    app.store
        .read(move |tx| Ok(setup_links::works(tx, &token_hash, after, ahead)?))
        .await
}

/// Uses a setup link up, makes its bearer the owner and signs them in.
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
    let (account, password_hash) = prepare_account(app, name, Role::Owner, password).await?;
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
