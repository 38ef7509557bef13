//! The size of units of work: maintenance changes many rows, and other units run between its own.

/// Maximum number of rows per unit of work.
pub(super) const BATCH_ROWS: i64 = 200;
