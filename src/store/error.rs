//! Errors of the database, by what a caller can do about them.

/// An error of the database. Each contains the engine's message.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique, check or foreign key constraint refused a row.
    #[error("a constraint refused the row: {0}")]
    Conflict(String),
    /// Too many units wait, or the disk is full. The same unit can succeed later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The engine failed before the commit; nothing is stored.
    #[error("the database failed: {0}")]
    Failed(String),
    /// The engine failed at the commit; whether the unit is stored is unknown.
    #[error("the database failed at a commit: {0}")]
    Unknown(String),
}
