//! Who has an account, and which names are reserved for them.

use std::sync::{Arc, PoisonError};

use crate::{
    app::{context::App, error::Error},
    model::{account::Account, text::ReservedNames},
    store::tables::{account_roles, accounts},
};

/// Is there an owner?
pub async fn has_owner(app: &App) -> Result<bool, Error> {
    app.store.read(|tx| Ok(account_roles::has_owner(tx)?)).await
}

/// Everybody who can sign in.
pub async fn all(app: &App) -> Result<Vec<Account>, Error> {
    app.store.read(|tx| Ok(accounts::all(tx)?)).await
}

/// The names that no reader may take. The people are read each time, since another node or the command line may have
/// added one; only what is made of their names is kept.
pub(crate) async fn reserved_names(app: &App) -> Result<Arc<ReservedNames>, Error> {
    let people: Vec<String> = all(app).await?.into_iter().map(|account| account.name).collect();
    let mut kept = app.reserved_names.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.people() != people {
        *kept = Arc::new(ReservedNames::of(people));
    }
    Ok(Arc::clone(&kept))
}
