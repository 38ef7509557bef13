//! People who sign in to the admin pages.

use super::{id::UserId, site::string_enum};

string_enum!(
    /// What somebody who signs in may do.
    Role {
        /// Everything.
        Owner = "owner",
        /// Moderate comments of all sites; not change sites or people.
        Moderator = "moderator",
    }
);

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
}
