//! The two kinds of units of work.

/// The kind of a unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// It only reads.
    Read,
    /// It may change something.
    Write,
}
