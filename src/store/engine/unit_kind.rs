//! The two kinds of units of work.

/// Does a unit change something?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// It only reads.
    Read,
    /// It may change something.
    Write,
}
