//! Accounts of the admin pages, and their roles.

use super::{
    id::{AccountId, SiteId},
    string_enum::string_enum,
};

string_enum!(
    /// The role of an account on a site.
    Role {
        /// May do everything.
        Owner = "owner",
        /// May moderate comments; may not change sites or accounts.
        Moderator = "moderator",
    }
);

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The name to sign in with.
    pub name: String,
    /// The role on all sites; asked for with [`Account::role_on`].
    all_sites: Role,
}

impl Account {
    /// An account whose role is one on all sites, as every account's is.
    #[must_use]
    pub fn new(id: AccountId, name: String, role: Role) -> Self {
        Self {
            id,
            name,
            all_sites: role,
        }
    }

    /// The role on a site; without one, on the whole instance. Every decision about a role asks here.
    #[must_use]
    pub fn role_on(&self, site: Option<SiteId>) -> Role {
        match site {
            // No account has a role on one site alone.
            Some(_) | None => self.all_sites,
        }
    }

    /// The same account with another role on all sites.
    #[must_use]
    pub fn with_role(self, role: Role) -> Self {
        Self {
            all_sites: role,
            ..self
        }
    }
}
