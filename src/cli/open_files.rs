//! Adapts the open-file limit to the configured connections, or their number to the limit.
//!
//! With fewer files than connections, a flood of connections could use them all, and the database could not open its
//! own. So the soft limit is raised as far as possible, and the number of connections is reduced to what is left;
//! further connections wait in the system's queue, as beyond any maximum.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files for other uses than connections: listening socket, log, lock, timers, and for each database connection its
/// files (database, log, index, a temporary one).
fn own(database_connections: usize) -> u64 {
    64 + 4 * database_connections as u64
}

/// Raises the limit of open files; returns the number of connections that fit.
pub(super) fn room_for(connections: usize, database_connections: usize) -> usize {
    let own = own(database_connections);
    let wanted = own + connections as u64;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = limit.maximum.map_or(wanted, |most| most.min(wanted));
        // If it is refused, the limit is unchanged, and is read again below.
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(raised),
                maximum: limit.maximum,
            },
        );
    }
    fit(connections, own, getrlimit(Resource::Nofile).current)
}

/// The number of connections that fit the limit; at least one.
fn fit(connections: usize, own: u64, limit: Option<u64>) -> usize {
    let room = limit.map_or(u64::MAX, |limit| limit.saturating_sub(own).max(1));
    connections.min(usize::try_from(room).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_the_database() {
        assert_eq!(fit(10_000, own(4), None), 10_000);
        assert_eq!(fit(10_000, own(4), Some(65_536)), 10_000);
        assert_eq!(fit(10_000, own(4), Some(1_024)), 1_024 - 80);
        assert_eq!(fit(10_000, own(4), Some(10)), 1);
    }
}
