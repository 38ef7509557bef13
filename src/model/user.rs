//! Accounts of the admin pages.

use super::{id::UserId, site::string_enum};

string_enum!(
    /// The role of an account.
    Role {
        /// May do everything.
        Owner = "owner",
        /// May moderate comments of all sites; may not change sites or accounts.
        Moderator = "moderator",
    }
);

/// An account.
#[derive(Clone, Debug)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The user name.
    pub name: String,
    /// The role.
    pub role: Role,
}
