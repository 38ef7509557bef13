//! Known devices: a signed cookie for each device on which an account signed in (OWASP: "Slow Down Online Guessing Attacks
//! with Device Cookies"). The cookie does not replace the password; it only gives the device its own limit of attempts
//! ([`crate::app::sign_in_limits`]).
//!
//! Nothing is stored. The signature covers the salted hash of the password, so setting a password, even the same one, and
//! removing the account invalidate every cookie.

use crate::{
    app::{
        context::App,
        error::Error,
        secret::{Purpose, constant_time_eq, random},
    },
    model::{
        id::AccountId,
        time::{DAY, Millis},
    },
};

/// The time in milliseconds for which a device is known after its last sign-in; browsers keep no cookie longer.
pub const DEVICE_LIFETIME: i64 = 400 * DAY;
/// Accounts in one cookie; the oldest is removed first.
const MAX_ACCOUNTS_PER_DEVICE: usize = 4;
/// The character between the accounts of a cookie.
const SEPARATOR: char = '~';

/// The id of the device for which the cookie is valid with this account; `None` if it is not.
pub(crate) fn find<'a>(
    app: &App,
    cookie: &'a str,
    account: AccountId,
    password_hash: &str,
) -> Option<&'a str> {
    let now = app.clock.now();
    entries(cookie)
        .find(|entry| {
            let age = now.since(entry.at);
            let lasts = (-DAY..DEVICE_LIFETIME).contains(&age);
            constant_time_eq(entry.proof, &proof(app, account, entry, password_hash)) && lasts
        })
        .map(|entry| entry.device)
}

/// The value of the cookie after a sign-in: the account first, the others unchanged.
///
/// # Errors
/// `internal` when the system has no random bytes.
pub(crate) fn remember(
    app: &App,
    cookie: &str,
    account: AccountId,
    password_hash: &str,
) -> Result<String, Error> {
    let device = match find(app, cookie, account, password_hash) {
        Some(device) => device.to_owned(),
        None => random::<16>().map_err(Error::internal)?,
    };
    let id = account.0.to_string();
    let mut new = Entry {
        account: &id,
        device: &device,
        at: app.clock.now(),
        proof: "",
    };
    let proof = proof(app, account, &new, password_hash);
    new.proof = &proof;
    let others = entries(cookie).filter(|entry| entry.account != id);
    let all: Vec<String> = std::iter::once(new)
        .chain(others)
        .take(MAX_ACCOUNTS_PER_DEVICE)
        .map(|entry| {
            format!(
                "{}.{}.{}.{}",
                entry.account, entry.device, entry.at.0, entry.proof
            )
        })
        .collect();
    Ok(all.join(&SEPARATOR.to_string()))
}

/// An account of a cookie: `account.device.at.proof`.
struct Entry<'a> {
    account: &'a str,
    device: &'a str,
    at: Millis,
    proof: &'a str,
}

fn entries(cookie: &str) -> impl Iterator<Item = Entry<'_>> {
    let read = |entry| {
        let mut parts = str::split(entry, '.');
        let (account, device) = (parts.next()?, parts.next()?);
        let (at, proof) = (parts.next()?.parse().ok()?, parts.next()?);
        let fits = account.len() <= 20 && device.len() == 22 && proof.len() == 43 && parts.next().is_none();
        fits.then_some(Entry {
            account,
            device,
            at: Millis(at),
            proof,
        })
    };
    cookie
        .split(SEPARATOR)
        .take(MAX_ACCOUNTS_PER_DEVICE)
        .filter_map(read)
}

fn proof(app: &App, account: AccountId, entry: &Entry<'_>, password_hash: &str) -> String {
    let (account, at) = (account.0.to_string(), entry.at.0.to_string());
    app.secret
        .token(Purpose::Device, &[&account, entry.device, &at, password_hash])
}
