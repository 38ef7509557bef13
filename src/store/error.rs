//! Errors of the database, as far as a caller can act on them.

/// What a caller can act on; everything else is `Failed`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique or check constraint refused the row. Carries the engine's words.
    #[error("a constraint refused the row: {0}")]
    Conflict(String),
    /// Too many units wait, or the disk is full: the same unit works later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The engine failed before the commit: nothing is stored.
    #[error("the database failed: {0}")]
    Failed(String),
    /// The engine failed at the commit: what was to be written may or may not be there.
    #[error("the database failed at a commit: {0}")]
    Unknown(String),
}
