//! Tests the plan of every hot query on SQLite: each must find its rows by a key or an index, in order.
//!
//! Without this test, a change of one word could make SQLite read every approved comment of the database
//! (docs/decisions/0001-storage.md).

use rusqlite::{Connection, config::DbConfig};

use super::schema;
use crate::store::tables::{comments, details, legacy_ids, post_keys, revisions, sites, threads, votes};

/// The plan of a statement with all parameters set to 1.
fn plan(sql: &str) -> String {
    let connection = Connection::open_in_memory().expect("an answer of SQLite");
    // As the engine sets it: plans do not depend on bound values.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .expect("an answer of SQLite");
    connection
        .execute_batch(&schema::to_sqlite(schema::SCHEMA))
        .expect("an answer of SQLite");
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .expect("an answer of SQLite");
    let count = statement.parameter_count();
    let mut lines = Vec::new();
    let mut rows = statement
        .query(rusqlite::params_from_iter(vec![1; count]))
        .expect("an answer of SQLite");
    while let Some(row) = rows.next().expect("an answer of SQLite") {
        lines.push(row.get::<_, String>(3).expect("an answer of SQLite"));
    }
    lines.join("\n")
}

#[test]
fn hot_queries_find_their_rows_by_a_key_or_an_index() {
    let cases = [
        (
            "a thread in one sweep",
            comments::BY_THREAD,
            "USING PRIMARY KEY (site_id=? AND thread_id=?)",
        ),
        ("a comment", comments::BY_ID, "USING INDEX comments_by_id"),
        (
            "the newest id of a site",
            comments::NEWEST_ID,
            "USING COVERING INDEX comments_by_id (site_id=?)",
        ),
        (
            "a branch",
            comments::BY_ROOT,
            "USING PRIMARY KEY (site_id=? AND thread_id=? AND root_id=? AND id>?)",
        ),
        (
            "oldest",
            comments::OLDEST,
            "USING INDEX comments_top_by_id (site_id=? AND thread_id=? AND id>?)",
        ),
        (
            "newest",
            comments::NEWEST,
            "USING INDEX comments_top_by_id (site_id=? AND thread_id=? AND id<?)",
        ),
        (
            "best",
            comments::BEST,
            "USING INDEX comments_top_by_score (site_id=? AND thread_id=? AND (score,id)<(?,?))",
        ),
        (
            "the site of a page",
            sites::BY_ORIGIN,
            "USING COVERING INDEX site_origins_by_origin (origin=?)",
        ),
        (
            "a comment's old name",
            legacy_ids::FIND,
            "USING PRIMARY KEY (site_id=? AND name=?)",
        ),
        (
            "most replied",
            comments::REPLIES,
            "USING INDEX comments_top_by_replies (site_id=? AND thread_id=? AND (descendant_count,id)<(?,?))",
        ),
        (
            "the queue",
            comments::BY_STATUS,
            "USING INDEX comments_by_status (site_id=? AND status=? AND id<?)",
        ),
        (
            "a thread's feed",
            comments::THREAD_FEED,
            "USING INDEX comments_by_thread (site_id=? AND thread_id=?)",
        ),
        (
            "the counts of a thread",
            comments::COUNTED,
            "USING INDEX comments_by_thread (site_id=? AND thread_id=?)",
        ),
        (
            "a thread by its page",
            threads::BY_KEY,
            "SEARCH k USING PRIMARY KEY (site_id=? AND page_key=?)",
        ),
        (
            "all threads of a site, by parts",
            threads::AFTER,
            "USING INDEX sqlite_autoindex_threads_1 (site_id=? AND id>?)",
        ),
        (
            "the names of a thread",
            threads::KEYS,
            "USING COVERING INDEX thread_keys_by_thread (site_id=? AND thread_id=?)",
        ),
        (
            "the first approved comment of a thread",
            threads::FIRST_APPROVED,
            "USING INDEX comments_by_thread (site_id=? AND thread_id=?)",
        ),
        (
            "a known author",
            details::AUTHOR_IS_KNOWN,
            "USING COVERING INDEX comment_details_by_author (site_id=? AND author_key=?)",
        ),
        (
            "addresses that are due",
            details::PURGE_ADDRESSES,
            "USING INDEX comment_details_with_address (comment_id<?)",
        ),
        (
            "addresses ahead of the clock",
            details::PURGE_ADDRESSES_AHEAD,
            "USING INDEX comment_details_with_address (comment_id>?)",
        ),
        (
            "texts that are due",
            details::REMOVED_BEFORE,
            "USING INDEX comment_details_removed (removed_at>? AND removed_at<?)",
        ),
        (
            "voters' addresses that are due",
            votes::PURGE_ADDRESSES,
            "USING INDEX votes_with_address (created_at<?)",
        ),
        (
            "voters' addresses ahead of the clock",
            votes::PURGE_ADDRESSES_AHEAD,
            "USING INDEX votes_with_address (created_at>?)",
        ),
        (
            "removals ahead of the clock",
            details::DATE_REMOVED_AHEAD,
            "USING INDEX comment_details_removed (removed_at>?",
        ),
        (
            "revisions that are due",
            revisions::PURGE,
            "USING INDEX comment_revisions_by_age (created_at<?)",
        ),
        (
            "revisions ahead of the clock",
            revisions::PURGE_AHEAD,
            "USING INDEX comment_revisions_by_age (created_at>?)",
        ),
        (
            "keys ahead of the clock",
            post_keys::DATE_AHEAD,
            "USING INDEX post_keys_by_age (created_at>?)",
        ),
        (
            "what an older policy made",
            comments::STALE,
            "USING PRIMARY KEY ((site_id,thread_id,root_id,id)>(?,?,?,?))",
        ),
    ];
    for (what, sql, wanted) in cases {
        let plan = plan(sql);
        assert!(plan.contains(wanted), "{what}: {plan}");
        assert!(!plan.contains("SCAN"), "{what} reads a whole table: {plan}");
        assert!(
            !plan.contains("TEMP B-TREE"),
            "{what} sorts what an index could give in order: {plan}"
        );
    }
}

#[test]
fn counts_of_many_comments_are_set_along_the_given_ids() {
    let plan = plan(&comments::SET_COUNTS);
    assert!(
        plan.contains("SEARCH comments USING COVERING INDEX comments_by_id (site_id=? AND id=?)"),
        "{plan}"
    );
    assert!(!plan.contains("SCAN comments"), "{plan}");
}

#[test]
fn the_check_sees_a_bad_plan() {
    assert!(plan("SELECT id FROM comments WHERE author_name = ?1").contains("SCAN"));
    assert!(
        plan("SELECT id FROM comments WHERE site_id = ?1 AND thread_id = ?2 ORDER BY up")
            .contains("TEMP B-TREE")
    );
}
