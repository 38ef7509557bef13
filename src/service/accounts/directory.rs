//! Reads the accounts, and the names that are reserved for them.

use std::sync::{Arc, PoisonError};

use crate::{
    app::{context::App, error::Error},
    model::{account::Account, text::ReservedNames},
    store::tables::{account_roles, accounts},
};

/// Returns true if there is an owner.
///
/// # Errors
/// Those of the store.
pub async fn has_owner(app: &App) -> Result<bool, Error> {
    app.store.read(|tx| Ok(account_roles::has_owner(tx)?)).await
}

/// Reads all accounts.
///
/// # Errors
/// Those of the store.
pub async fn all(app: &App) -> Result<Vec<Account>, Error> {
    app.store.read(|tx| Ok(accounts::all(tx)?)).await
}

/// The names that no reader may use. The accounts are read each time, since another node or the command line may have
/// added one; the readings of their names are cached.
///
/// # Errors
/// Those of the store.
pub(crate) async fn reserved_names(app: &App) -> Result<Arc<ReservedNames>, Error> {
    let names: Vec<String> = all(app).await?.into_iter().map(|account| account.name).collect();
    let mut cached = app.reserved_names.lock().unwrap_or_else(PoisonError::into_inner);
    if cached.account_names() != names {
        *cached = Arc::new(ReservedNames::of(names));
    }
    Ok(Arc::clone(&cached))
}
