//! Statements over many rows, so that each row does not cost a round trip to PostgreSQL.

use crate::store::{StoreError, Tx, Value};

/// Rows of a multi-row statement. 64 rows of a comment are 1,024 parameters; SQLite takes 32,766.
pub(crate) const ROWS: usize = 64;

/// An `INSERT` into one table as two statements: for one row, and for [`ROWS`] rows.
pub(crate) struct Insert {
    one: String,
    many: String,
}

impl Insert {
    /// The statements for these columns, whose values are parameters in this order.
    pub(crate) fn new(table: &str, columns: &[&str]) -> Self {
        let named = columns.join(", ");
        let insert = |rows| {
            let values = values(rows, columns.len(), 1, |parameter| parameter);
            format!("INSERT INTO {table} ({named}) VALUES {values}")
        };
        Self {
            one: insert(1),
            many: insert(ROWS),
        }
    }

    /// Stores one row.
    ///
    /// # Errors
    /// `Conflict` when a constraint refuses it.
    pub(crate) fn add(&'static self, tx: &mut dyn Tx, row: &[Value<'_>]) -> Result<(), StoreError> {
        tx.execute(&self.one, row).map(drop)
    }

    /// Stores rows of `N` columns, [`ROWS`] by one statement.
    ///
    /// # Errors
    /// `Conflict` when a constraint refuses one of them; rows before it are stored, until the unit of work is rolled
    /// back.
    pub(crate) fn add_all<const N: usize>(
        &'static self,
        tx: &mut dyn Tx,
        rows: &[[Value<'_>; N]],
    ) -> Result<(), StoreError> {
        let (chunks, rest) = rows.as_chunks::<ROWS>();
        for chunk in chunks {
            tx.execute(&self.many, chunk.as_flattened())?;
        }
        rest.iter().try_for_each(|row| self.add(tx, row))
    }
}

/// The rows of a `VALUES` clause with parameters numbered from `first`, each written by `write`: `(?1, ?2), (?3, ?4)`.
pub(crate) fn values(rows: usize, columns: usize, first: usize, write: impl Fn(String) -> String) -> String {
    let row = |row: usize| {
        let parameters: Vec<String> = (0..columns)
            .map(|column| write(format!("?{}", first + row * columns + column)))
            .collect();
        format!("({})", parameters.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_row_by_row() {
        assert_eq!(values(2, 2, 1, |parameter| parameter), "(?1, ?2), (?3, ?4)");
        assert_eq!(
            values(1, 2, 5, |parameter| format!("CAST({parameter})")),
            "(CAST(?5), CAST(?6))"
        );
        let insert = Insert::new("votes", &["site_id", "value"]);
        assert_eq!(insert.one, "INSERT INTO votes (site_id, value) VALUES (?1, ?2)");
        assert!(
            insert
                .many
                .ends_with(&format!("(?{}, ?{})", 2 * ROWS - 1, 2 * ROWS))
        );
    }
}
