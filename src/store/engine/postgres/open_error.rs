//! Explains to an operator why a PostgreSQL database cannot be opened.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::SqlState;

use crate::store::engine::postgres::tx::Fault;

/// The error with its remedy, as one sentence.
pub(super) fn explain_open_error(error: &Fault) -> String {
    format!("{error}; {}", remedy(error))
}

fn remedy(fault: &Fault) -> &'static str {
    let Fault::Answer(error) = fault else {
        return "check host and port in AFTERWORD_DATABASE: something takes connections there and does not answer as PostgreSQL does";
    };
    match error.code() {
        Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            "check user and password in AFTERWORD_DATABASE, and pg_hba.conf"
        }
        Some(&SqlState::INVALID_CATALOG_NAME) => {
            "create the database (createdb --owner USER NAME), or correct its name in AFTERWORD_DATABASE"
        }
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            "let the user create tables: ALTER DATABASE name OWNER TO user, or GRANT CREATE, USAGE ON SCHEMA public TO user"
        }
        Some(&SqlState::TOO_MANY_CONNECTIONS) => {
            "raise max_connections in PostgreSQL, or lower AFTERWORD_DATABASE_CONNECTIONS"
        }
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
            "it takes no writes: name the primary in AFTERWORD_DATABASE, and see default_transaction_read_only"
        }
        Some(&SqlState::DISK_FULL) => "make room on the disk of PostgreSQL",
        Some(code) if code.code().starts_with("57P") => "start PostgreSQL, or wait until it has started",
        Some(_) => "see the log of PostgreSQL",
        None => match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => {
                "start PostgreSQL, and check host and port in AFTERWORD_DATABASE"
            }
            _ => "check host, port, password and sslmode in AFTERWORD_DATABASE, and that PostgreSQL runs",
        },
    }
}
