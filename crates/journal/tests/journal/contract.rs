//! The contract suite. A store joins by a module that opens an empty journal; every promise is then a test of that store.

mod append;
mod fence;
mod lease;
mod read;
mod sample;
mod tail;
mod verify;

use journal::{Journal, Memory, Sqlite};

use crate::scratch::Scratch;

macro_rules! promises {
    ($($topic:ident :: $promise:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $promise() {
                super::$topic::$promise(Box::new(super::Memory::new())).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test]
            async fn $promise() {
                let scratch = super::Scratch::new();
                super::$topic::$promise(super::sqlite_in(&scratch)).await;
            })*
        }
    };
}

promises![
    append::numbers_run_by_stream_and_by_journal,
    append::what_is_answered_is_what_is_read,
    append::a_body_is_kept_to_the_byte,
    append::one_bad_draft_refuses_all,
    append::a_conflict_names_both_ends,
    append::nothing_to_append_is_still_checked,
    append::what_could_never_be_read_is_refused,
    append::of_racing_appends_to_a_stream_one_wins,
    append::racing_appends_to_many_streams_all_land,
    fence::before_the_first_lease_the_fence_is_zero,
    fence::a_replaced_leader_is_refused_and_told_so_first,
    fence::a_fence_never_given_out_is_refused,
    fence::a_lease_given_back_writes_no_more,
    lease::it_is_held_to_its_last_millisecond,
    lease::the_same_holder_gets_a_new_fence_at_once,
    lease::renewal_prolongs_under_the_same_fence,
    lease::a_lease_that_ran_out_is_renewed_if_nobody_took_it,
    lease::a_lease_taken_over_is_lost,
    lease::fences_rise_through_release_and_expiry,
    lease::of_racing_candidates_one_leads,
    lease::the_ends_of_time_are_no_trouble,
    read::pages_join_without_seam,
    read::beyond_the_end_is_nothing,
    read::streams_are_listed_by_prefix_and_by_byte,
    read::streams_that_began_since_are_told_once,
    read::the_head_is_the_last_entry,
    sample::they_are_numbered_by_stream,
    sample::they_leave_the_chain_of_entries_alone,
    sample::a_sample_out_of_turn_names_both_ends,
    sample::they_follow_an_entry_that_exists,
    sample::any_text_is_a_measurement,
    tail::it_catches_up_and_then_follows,
    tail::it_starts_where_it_is_told,
    tail::a_slow_reader_holds_up_nobody_and_misses_nothing,
    tail::a_dropped_wait_loses_nothing,
    tail::many_tails_see_the_same,
    tail::it_ends_with_the_journal,
    verify::an_empty_journal_is_whole,
    verify::the_report_counts_what_is_there,
    verify::an_anchor_holds_as_the_journal_grows,
    verify::a_journal_shorter_than_its_anchor_was_cut,
    verify::another_history_is_told_by_the_anchor,
];

fn sqlite_in(scratch: &Scratch) -> Box<dyn Journal> {
    Box::new(Sqlite::open(scratch.journal()).unwrap())
}
