//! Sign-in with a password, and sessions.
//!
//! There is no default password, and the first visitor gets no rights: the first owner is created by the setup link that
//! the server prints (128 bits, one hour, one use) or by `afterword admin create`. Passwords are hashed by Argon2id, at most
//! two at a time; a wrong name takes as long as a wrong password. [`crate::app::sign_in_limits`] limits the attempts.

use crate::{
    app::{
        context::{App, Client},
        error::{Error, ErrorKind},
        secret::{hash, random},
        sign_in_limits::SignInSource,
    },
    config::Action,
    model::{
        account::Account,
        id::AccountId,
        text::AuthorName,
        time::{DAY, HOUR, Millis},
    },
    service::accounts::{
        known_devices,
        password::{DUMMY_HASH, run_hashing, verify_password},
    },
    store::{
        StoreError, Tx,
        tables::{accounts, identities, sessions},
    },
};

/// The age in milliseconds at which a session ends.
pub const SESSION_MAX_AGE: i64 = 30 * DAY;
/// The time in milliseconds after its last use at which a session ends.
pub const SESSION_IDLE_TIMEOUT: i64 = 3 * DAY;
/// The time that a request waits for the write of its session's last use.
const LAST_SEEN_WRITE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// The secret of the session's cookie.
    pub session: String,
    /// The value of the cookie for known devices.
    pub devices: String,
    /// The account that signed in.
    pub account: Account,
}

/// Signs in. `known_devices` is the value of the cookie for known devices, or empty.
///
/// # Errors
/// `sign_in_failed`, the same for an unknown name and a wrong password; `rate_limited` and `busy` with the seconds to
/// wait; and those of the store.
pub async fn sign_in(
    app: &App,
    client: &Client,
    known_devices: &str,
    name: &str,
    password: &str,
) -> Result<SignedIn, Error> {
    // Normalized as names are when they are chosen. A text that cannot be a name is not looked up, since PostgreSQL refuses
    // some texts.
    let wanted = AuthorName::parse(name).ok().flatten();
    let typed_name = wanted.as_ref().map_or("", AuthorName::as_str).to_owned();
    let found = match wanted {
        Some(wanted) => {
            app.store
                .read(move |tx| with_password(tx, wanted.as_str()))
                .await?
        }
        None => None,
    };
    // Without such an account a hash is checked too, so that the time reveals nothing.
    let (account, stored) = match found {
        Some((account, stored)) => (Some(account), stored),
        None => (None, DUMMY_HASH.to_owned()),
    };
    let id = account.as_ref().map_or(AccountId(0), |account| account.id);
    let from = match known_devices::find(app, known_devices, id, &stored) {
        Some(device) => SignInSource::Known(device),
        None => SignInSource::Unknown(client.network),
    };
    let begun = app.sign_ins.begin(app.clock.now(), &typed_name, from);
    app.limits.note(Action::Login, begun.is_err());
    let attempt = begun.map_err(|seconds| Error {
        message: "Too many attempts.".into(),
        ..Error::rate_limited(seconds)
    })?;
    let slot = match from {
        SignInSource::Known(_) => app.hashing.acquire_for_known_device().await,
        SignInSource::Unknown(network) => app.hashing.acquire(network).await,
    };
    let slot = slot.inspect_err(|_| app.sign_ins.cancel(&attempt))?;
    let (typed, hashed) = (password.to_owned(), stored.clone());
    let is_right = run_hashing(app, slot, move || verify_password(&typed, &hashed)).await?;
    // The log contains the name of an existing account, and never the typed one: it may be a password in the wrong field.
    let account = match account {
        Some(account) if is_right => account,
        Some(account) => {
            tracing::warn!(account = account.name, "a sign-in failed: wrong password");
            return Err(ErrorKind::SignInFailed.into());
        }
        None => {
            tracing::warn!("a sign-in failed: no such account");
            return Err(ErrorKind::SignInFailed.into());
        }
    };
    app.sign_ins.succeeded(&attempt);
    begin_session(app, known_devices, account, &stored).await
}

/// The account of this name and the hash of its password; `None` if it has no password.
fn with_password(tx: &mut dyn Tx, name: &str) -> Result<Option<(Account, String)>, Error> {
    let Some(account) = accounts::by_name(tx, name)? else {
        return Ok(None);
    };
    let password_hash = identities::password_hash(tx, account.id)?;
    Ok(password_hash.map(|hash| (account, hash)))
}

/// Begins a session of an account.
///
/// # Errors
/// `internal` when the system has no random bytes, and those of the store.
pub(super) async fn begin_session(
    app: &App,
    known_devices: &str,
    account: Account,
    password_hash: &str,
) -> Result<SignedIn, Error> {
    tracing::info!(account = account.id.0, "signed in");
    let devices = known_devices::remember(app, known_devices, account.id, password_hash)?;
    let session = random::<32>().map_err(Error::internal)?;
    let (token_hash, id, now) = (hash(&session), account.id, app.clock.now());
    app.store
        .write(move |tx| Ok::<_, Error>(sessions::add(tx, &token_hash, id, now)?))
        .await?;
    Ok(SignedIn {
        session,
        devices,
        account,
    })
}

/// The account of a session, if the session has not ended. Its last use is written at most once an hour.
///
/// # Errors
/// Those of the store.
pub async fn find(app: &App, token: &str) -> Result<Option<Account>, Error> {
    let (token_hash, now) = (hash(token), app.clock.now());
    let (wanted, begun_after, seen_after) = (
        token_hash.clone(),
        now.plus(-SESSION_MAX_AGE),
        now.plus(-SESSION_IDLE_TIMEOUT),
    );
    // A session from the future, begun while the clock was wrong, would not end for a long time.
    let ahead = now.plus(DAY);
    let found = app
        .store
        .read(move |tx| Ok::<_, Error>(accounts::by_session(tx, &wanted, begun_after, ahead, seen_after)?))
        .await?;
    let Some((account, seen_at)) = found else {
        return Ok(None);
    };
    if now.since(seen_at) > HOUR {
        let store = app.store.clone();
        let noting = tokio::spawn(async move {
            let noted = store
                .write(move |tx| sessions::set_seen(tx, &token_hash, now))
                .await;
            noted.inspect_err(
                |error: &StoreError| tracing::debug!(%error, "a session's last use was not noted"),
            )
        });
        // A request that only reads does not wait for a database that takes no writes; the next request tries again.
        let _ = tokio::time::timeout(LAST_SEEN_WRITE_TIMEOUT, noting).await;
    }
    Ok(Some(account))
}

/// Ends a session.
///
/// # Errors
/// Those of the store.
pub async fn sign_out(app: &App, token: &str) -> Result<(), Error> {
    let token_hash = hash(token);
    app.store
        .write(move |tx| Ok(sessions::end(tx, &token_hash)?))
        .await
}

/// The times before which ended sessions began, or were last used.
#[must_use]
pub fn session_cutoffs(now: Millis) -> (Millis, Millis) {
    (now.plus(-SESSION_MAX_AGE), now.plus(-SESSION_IDLE_TIMEOUT))
}
