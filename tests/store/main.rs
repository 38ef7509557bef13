//! The contract of the store, on every engine.
//!
//! The list below is its table of contents. The guarantees: a unit of work is atomic; rows read back equal to what was
//! written; counts equal lists; constraints reject.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod bulk;
mod counts;
mod events;
mod groups;
mod migrations;
mod model;
mod persistence;
mod random;
mod units;
mod writing;

use bulk::*;
use counts::*;
use events::*;
use persistence::*;
use random::*;
use support::block_on;
use units::*;
use writing::*;

/// The files with the tests of the contract.
const WRITTEN: [&str; 7] = [
    include_str!("bulk.rs"),
    include_str!("counts.rs"),
    include_str!("events.rs"),
    include_str!("persistence.rs"),
    include_str!("random.rs"),
    include_str!("units.rs"),
    include_str!("writing.rs"),
];

macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite   { $(#[test] fn $name() { if let Some(test) = crate::support::sqlite() { crate::block_on(crate::$name(&test)); } })+ }
        mod postgres { $(#[test] fn $name() { if let Some(test) = crate::support::postgres() { crate::block_on(crate::$name(&test)); } })+ }

        #[test]
        fn every_test_of_the_contract_is_listed() {
            let listed = [$(stringify!($name)),+];
            let written = WRITTEN.iter().map(|text| text.matches("(test: &TestStore) {").count()).sum::<usize>();
            assert_eq!(listed.len(), written, "a test of the contract is not in the list");
        }
    };
}

on_every_engine! {
    a_comment_reads_back_as_it_was_written,
    a_site_reads_back_as_it_was_written,
    details_read_back_as_they_were_written,
    a_thread_is_found_by_each_of_its_keys,
    two_threads_cannot_have_one_key,
    threads_of_a_site_are_listed_in_pages,
    a_refused_unit_changes_nothing,
    a_panicking_unit_changes_nothing_and_affects_no_other,
    a_panicking_unit_holds_no_lock,
    a_refused_unit_does_not_affect_its_group,
    a_unit_that_violates_a_constraint_changes_nothing,
    a_unit_that_reads_sees_one_state,
    an_id_cannot_be_used_twice,
    a_reply_older_than_its_parent_is_refused,
    an_unknown_status_is_refused,
    counts_equal_lists,
    a_bulk_equals_the_same_comments_stored_one_by_one,
    a_bulk_keeps_votes_edits_and_counts,
    a_broken_row_leaves_nothing_of_its_bulk,
    a_recount_corrects_counts_and_changes_no_right_ones,
    a_held_comment_is_not_listed,
    a_tombstone_stays_while_replies_are_visible,
    tombstones_are_removed_upwards_with_the_last_reply,
    restoring_a_comment_restores_its_ancestors_tombstones,
    top_level_comments_are_listed_in_each_order,
    pages_of_top_level_comments_are_complete_without_repeats,
    a_conversation_is_listed_in_order_and_in_pages,
    each_reader_has_one_vote,
    two_writers_do_not_lose_a_vote,
    counts_are_right_after_parallel_writes,
    an_idempotency_key_is_claimed_once,
    old_keys_are_purged,
    network_addresses_are_purged_and_nothing_else,
    an_id_ahead_of_the_clock_keeps_no_network_address,
    removed_texts_are_erased,
    an_author_is_known_by_an_approved_comment,
    comments_of_a_site_are_listed_by_status,
    sites_do_not_see_each_other,
    accounts_sessions_and_setup_links,
    roles_are_replaced_and_go_with_their_account,
    the_log_keeps_what_was_done,
    committed_rows_are_present_after_reopening,
    a_newer_schema_is_refused,
    text_of_all_kinds_survives,
    a_read_cannot_write_on_sqlite,
    sequential_units_match_the_model,
    concurrent_units_match_the_model_in_their_order,
    control_a_model_without_tombstones_differs,
    a_committed_unit_is_told_with_the_keys_of_its_threads,
    a_unit_that_leaves_nothing_tells_nothing,
    a_unit_among_refused_ones_is_told_by_itself,
    a_unit_that_runs_again_tells_its_last_try_alone,
    a_listener_that_panics_harms_nobody,
    an_act_and_its_outbox_rows_are_stored_together,
}
