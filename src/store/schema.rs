//! Translates `schema.sql`, migrations and statements for each engine.
#![doc = "```sql"]
#![doc = include_str!("../../schema.sql")]
#![doc = "```"]

/// The text of `schema.sql`.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// The names of the tables.
pub fn tables() -> impl Iterator<Item = &'static str> {
    SCHEMA
        .lines()
        .filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("))
}

/// Translates `schema.sql` or a migration for SQLite: BIGINT becomes INTEGER, tables become STRICT.
#[must_use]
pub fn to_sqlite(sql: &str) -> String {
    sql.replace("BIGINT", "INTEGER")
        .replace("\n) WITHOUT ROWID;", "\n) WITHOUT ROWID, STRICT;")
        .replace("\n);", "\n) STRICT;")
}

/// Translates `schema.sql` or a migration for PostgreSQL: removes WITHOUT ROWID.
#[must_use]
pub fn to_postgres(sql: &str) -> String {
    sql.replace("\n) WITHOUT ROWID;", "\n);")
}

/// Translates a statement with `?1` parameters for PostgreSQL: `$1`. No statement has another question mark.
#[must_use]
pub fn postgres_parameters(sql: &str) -> String {
    sql.replace('?', "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_strict_on_sqlite_and_plain_on_postgres() {
        let tables = SCHEMA.matches("CREATE TABLE").count();
        assert_eq!(to_sqlite(SCHEMA).matches("STRICT;").count(), tables);
        assert_eq!(super::tables().count(), tables);
        assert!(!to_sqlite(SCHEMA).contains("BIGINT"));
        assert!(!to_postgres(SCHEMA).contains("WITHOUT ROWID;"));
    }

    #[test]
    fn parameters_are_renamed() {
        assert_eq!(postgres_parameters("a = ?1 AND b = ?12"), "a = $1 AND b = $12");
    }
}
