//! People who sign in: the setup link, passwords, sessions.
//!
//! No default password, and being first gives nothing: the first owner comes by the setup link that the
//! server prints (128 bits, one hour, one use) or by `afterword admin create`. Passwords are Argon2id,
//! two hashes in flight at the most; a wrong name takes as long as a wrong password. How often one may try:
//! [`crate::app::sign_in_limits`].

use std::sync::{Arc, PoisonError};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};

use crate::{
    app::{
        context::{App, Client},
        error::{Error, Kind},
        secret::{hash, random},
        sign_in_limits::{Slot, Source},
    },
    config::Action,
    model::{
        id::UserId,
        moderation_log::Act,
        text::{AuthorName, ReservedNames},
        time::{DAY, HOUR, Millis},
        user::{Role, User},
    },
    service::{
        accounts::{
            known_devices,
            manage::{described, recorded},
        },
        audit::Actor,
    },
    store::{StoreError, tables::users},
};

/// How long a setup link works.
pub const SETUP_LINK_WORKS: i64 = HOUR;
/// When a session ends at the latest.
pub const SESSION_LASTS: i64 = 30 * DAY;
/// When a session ends that nobody uses.
pub const SESSION_RESTS: i64 = 3 * DAY;
/// How long a request waits until its session's last use is noted.
const NOTING_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);
/// Characters of a password: no fewer, no more.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 10..=200;

/// Makes a setup link if there is no owner yet; earlier links stop working. Answers its secret part.
pub async fn setup_link(app: &App) -> Result<Option<String>, Error> {
    let token = random::<16>().map_err(Error::internal)?;
    let (token_hash, now) = (hash(&token), app.clock.now());
    let made = app
        .store
        .write(move |tx| {
            if users::has_owner(tx)? {
                return Ok(false);
            }
            users::add_setup_link(tx, &token_hash, now)?;
            Ok::<_, StoreError>(true)
        })
        .await?;
    Ok(made.then_some(token))
}

/// Does this setup link still work? It has 128 random bits: asking takes nothing from anybody's limit.
pub async fn setup_link_works(app: &App, token: &str) -> Result<bool, Error> {
    let (token_hash, now) = (hash(token), app.clock.now());
    let (after, ahead) = (now.plus(-SETUP_LINK_WORKS), now.plus(SETUP_LINK_WORKS));
    app.store
        .read(move |tx| Ok(users::setup_link_works(tx, &token_hash, after, ahead)?))
        .await
}

/// Uses a setup link up, makes its bearer the owner and signs them in.
pub async fn set_up(
    app: &App,
    known_devices: &str,
    token: &str,
    name: &str,
    password: &str,
) -> Result<SignedIn, Error> {
    if !setup_link_works(app, token).await? {
        return Err(Error::with_message(
            Kind::FormNotOurs,
            "This setup link was used or is older than an hour. Restart the server for a new one.",
        ));
    }
    let (user, password_hash) = prepare(app, name, Role::Owner, password).await?;
    let (token_hash, now, made) = (hash(token), app.clock.now(), user.clone());
    let stored = password_hash.clone();
    let inner = app.clone();
    app.store
        .write(move |tx| {
            if !users::use_setup_link(tx, &token_hash)? {
                return Err(Error::from(Kind::FormNotOurs));
            }
            users::add(tx, &made, &password_hash, now).map_err(taken)?;
            recorded(
                &inner,
                tx,
                &Actor::from(&made),
                Act::AccountCreated,
                &described(&made),
                "",
            )
        })
        .await?;
    begin_session(app, known_devices, user, &stored).await
}

/// Somebody who has signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The secret of the session's cookie.
    pub session: String,
    /// The value of the cookie for known devices.
    pub devices: String,
    /// Who it is.
    pub user: User,
}

/// Signs in. `known_devices`: the value of the cookie for known devices, if there is one.
/// Errors: `sign_in_failed`, the same for an unknown name and a wrong password; `rate_limited` and `busy` with the
/// seconds to wait.
pub async fn sign_in(
    app: &App,
    client: &Client,
    known_devices: &str,
    name: &str,
    password: &str,
) -> Result<SignedIn, Error> {
    // Cleaned as it was when the name was chosen. What cannot be a name is nobody's, and is not looked up:
    // not every database takes every text.
    let wanted = AuthorName::parse(name).ok().flatten();
    let account = wanted.as_ref().map_or("", AuthorName::as_str).to_owned();
    let found = match wanted {
        Some(wanted) => {
            app.store
                .read(move |tx| Ok::<_, Error>(users::by_name(tx, wanted.as_str())?))
                .await?
        }
        None => None,
    };
    // Without such a name everything is checked all the same, so that the time tells nothing.
    let (user, stored) = match found {
        Some((user, stored)) => (Some(user), stored),
        None => (None, NOBODY.to_owned()),
    };
    let id = user.as_ref().map_or(UserId(0), |user| user.id);
    let from = match known_devices::known(app, known_devices, id, &stored) {
        Some(device) => Source::Known(device),
        None => Source::Unknown(client.network),
    };
    let begun = app.sign_ins.begin(app.clock.now(), &account, from);
    app.limits.note(Action::Login, begun.is_err());
    let attempt = begun.map_err(|seconds| Error {
        message: "Too many attempts.".into(),
        ..Error::rate_limited(seconds)
    })?;
    let slot = match from {
        Source::Known(_) => app.hashing.of_known().await,
        Source::Unknown(network) => app.hashing.of_anybody(network).await,
    };
    let slot = slot.inspect_err(|_| app.sign_ins.not_made(&attempt))?;
    let (typed, hashed) = (password.to_owned(), stored.clone());
    let right = hashing(app, slot, move || verify(&typed, &hashed)).await?;
    // The log names the account where there is one, and never what was typed: a password may stand in the wrong field.
    let user = match user {
        Some(user) if right => user,
        Some(user) => {
            tracing::warn!(account = user.name, "a sign-in failed: wrong password");
            return Err(Kind::SignInFailed.into());
        }
        None => {
            tracing::warn!("a sign-in failed: no such account");
            return Err(Kind::SignInFailed.into());
        }
    };
    app.sign_ins.succeeded(&attempt);
    begin_session(app, known_devices, user, &stored).await
}

async fn begin_session(
    app: &App,
    known_devices: &str,
    user: User,
    password_hash: &str,
) -> Result<SignedIn, Error> {
    tracing::info!(user = user.id.0, "signed in");
    let devices = known_devices::remember(app, known_devices, user.id, password_hash)?;
    let session = random::<32>().map_err(Error::internal)?;
    let (token_hash, id, now) = (hash(&session), user.id, app.clock.now());
    app.store
        .write(move |tx| Ok::<_, Error>(users::add_session(tx, &token_hash, id, now)?))
        .await?;
    Ok(SignedIn {
        session,
        devices,
        user,
    })
}

/// Whose session this is, if it still lasts.
pub async fn session(app: &App, token: &str) -> Result<Option<User>, Error> {
    let (token_hash, now) = (hash(token), app.clock.now());
    let (wanted, begun, rested) = (
        token_hash.clone(),
        now.plus(-SESSION_LASTS),
        now.plus(-SESSION_RESTS),
    );
    // One that began in the future, by a clock that was wrong, would never end.
    let ahead = now.plus(DAY);
    let found = app
        .store
        .read(move |tx| Ok::<_, Error>(users::session(tx, &wanted, begun, ahead, rested)?))
        .await?;
    let Some((user, seen_at)) = found else {
        return Ok(None);
    };
    if now.since(seen_at) > HOUR {
        let store = app.store.clone();
        let noting = tokio::spawn(async move {
            let noted = store
                .write(move |tx| users::see_session(tx, &token_hash, now))
                .await;
            noted.inspect_err(
                |error: &StoreError| tracing::debug!(%error, "a session's last use was not noted"),
            )
        });
        // Who only reads does not wait for a database that takes no writes; the next request notes it.
        let _ = tokio::time::timeout(NOTING_TIMEOUT, noting).await;
    }
    Ok(Some(user))
}

/// Ends a session.
pub async fn sign_out(app: &App, token: &str) -> Result<(), Error> {
    let token_hash = hash(token);
    app.store
        .write(move |tx| Ok(users::end_session(tx, &token_hash)?))
        .await
}

/// Is there an owner?
pub async fn has_owner(app: &App) -> Result<bool, Error> {
    app.store.read(|tx| Ok(users::has_owner(tx)?)).await
}

/// Everybody who can sign in.
pub async fn all(app: &App) -> Result<Vec<User>, Error> {
    app.store.read(|tx| Ok(users::all(tx)?)).await
}

/// The names that no reader may take. The people are read each time, since another node or the command line may have
/// added one; only what is made of their names is kept.
pub(crate) async fn reserved_names(app: &App) -> Result<Arc<ReservedNames>, Error> {
    let people: Vec<String> = all(app).await?.into_iter().map(|user| user.name).collect();
    let mut kept = app.reserved_names.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.people() != people {
        *kept = Arc::new(ReservedNames::of(people));
    }
    Ok(Arc::clone(&kept))
}

/// Checks a name and a password, and hashes it. Errors: `field_invalid`.
pub(crate) async fn prepare(
    app: &App,
    name: &str,
    role: Role,
    password: &str,
) -> Result<(User, String), Error> {
    let invalid = |field, message: &'static str| Error {
        field: Some(field),
        ..Error::with_message(Kind::FieldInvalid, message)
    };
    // The words that readers may not call themselves are fine for those who are it.
    let name = AuthorName::parse(name)?.ok_or_else(|| invalid("name", "Choose a name to sign in with."))?;
    if name.as_str().starts_with('(') {
        // The log writes `(command line)` where no account acted.
        return Err(invalid(
            "name",
            "A name to sign in with does not begin with a bracket.",
        ));
    }
    if !PASSWORD.contains(&password.chars().count()) {
        return Err(invalid(
            "password",
            "The password must have 10 to 200 characters.",
        ));
    }
    let user = User {
        id: UserId(app.ids.next(app.clock.now(), 0)),
        name: name.as_str().to_owned(),
        role,
    };
    // Whoever comes so far has the shell, a session or a setup link.
    let (typed, slot) = (password.to_owned(), app.hashing.of_known().await?);
    let password_hash = hashing(app, slot, move || digest(&typed))
        .await?
        .map_err(Error::internal)?;
    Ok((user, password_hash))
}

/// Hashes in a slot, which is held to the end of the work even where nobody waits for it any more.
async fn hashing<T: Send + 'static>(
    app: &App,
    slot: Slot,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    app.blocking(move || {
        let _slot = slot;
        work()
    })
    .await
}

/// A name that somebody took at the same moment.
pub(crate) fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Conflict(_) => Error {
            field: Some("name"),
            ..Error::with_message(Kind::Conflict, "Somebody of this name exists already.")
        },
        other => other.into(),
    }
}

/// Argon2id with 46 MiB, one pass, one lane (OWASP Password Storage Cheat Sheet).
fn argon() -> Argon2<'static> {
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(47_104, 1, 1, None).unwrap_or(Params::DEFAULT),
    )
}

/// A hash with the parameters of [`argon`] that no password gives.
const NOBODY: &str =
    "$argon2id$v=19$m=47104,t=1,p=1$c29tZXRoaW5nc2FsdHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn digest(password: &str) -> Result<String, String> {
    argon()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|stored| argon().verify_password(password.as_bytes(), &stored).is_ok())
}

/// When sessions of before are over.
#[must_use]
pub fn session_ends(now: Millis) -> (Millis, Millis) {
    (now.plus(-SESSION_LASTS), now.plus(-SESSION_RESTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let stored = digest("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"));
        assert!(verify("correct horse battery", &stored));
        assert!(!verify("correct horse batterY", &stored));
        assert!(!verify("anything", NOBODY));
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "else a wrong name would answer sooner"
        );
    }
}
