//! Decides whether a comment waits for a moderator. Every rule is in one pure function.
//!
//! [`verdict`] reads the facts in the unit of work that stores the comment; [`decide`] takes them as arguments. Posting and
//! editing use this module and no other.

use crate::{
    model::{
        comment::{HoldReason, Status},
        site::{Moderation, Site},
    },
    store::{StoreError, Tx, tables::details},
};

/// A comment that is about to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// A new comment.
    New,
    /// A comment that its author edited.
    Edited {
        /// Its status before.
        was: Status,
    },
}

/// The facts that a decision depends on, in addition to the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The moderation rule of the site.
    pub(crate) moderation: Moderation,
    /// True if the author has an approved comment on the site.
    pub(crate) author_is_known: bool,
}

/// The decision about a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The status that it gets or keeps.
    pub(crate) status: Status,
    /// The reasons to hold it, the one to store first; empty if this decision does not hold it.
    pub(crate) reasons: Vec<HoldReason>,
}

impl Verdict {
    /// The reason to store; `None` if this decision does not hold the comment.
    pub(crate) fn held_because(&self) -> Option<HoldReason> {
        self.reasons.first().copied()
    }
}

/// Decides whether a comment waits. An edit holds an approved comment only: a held or removed one keeps its status and its
/// reason.
pub(crate) fn decide(candidate: &Candidate, facts: &Facts) -> Verdict {
    let by_rule = match facts.moderation {
        Moderation::All => Some(HoldReason::All),
        Moderation::First if !facts.author_is_known => Some(HoldReason::First),
        Moderation::First | Moderation::None => None,
    };
    let (status, reasons) = match (candidate, by_rule) {
        (Candidate::New, None) => (Status::Approved, Vec::new()),
        (Candidate::New, Some(rule)) => (Status::Held, vec![rule]),
        (
            Candidate::Edited {
                was: Status::Approved,
            },
            Some(rule),
        ) => (Status::Held, vec![HoldReason::Edited, rule]),
        (Candidate::Edited { was }, _) => (*was, Vec::new()),
    };
    Verdict { status, reasons }
}

/// Reads the facts about a comment's author, and decides.
///
/// # Errors
/// Those of the store.
pub(crate) fn verdict(
    tx: &mut dyn Tx,
    site: &Site,
    author_key: &str,
    candidate: Candidate,
) -> Result<Verdict, StoreError> {
    let moderation = site.rules.moderation;
    // No other rule depends on the author.
    let author_is_known =
        moderation == Moderation::First && details::author_is_known(tx, site.id, author_key)?;
    let facts = Facts {
        moderation,
        author_is_known,
    };
    Ok(decide(&candidate, &facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every candidate.
    fn candidates() -> Vec<Candidate> {
        let edited = Status::ALL.iter().map(|was| Candidate::Edited { was: *was });
        std::iter::once(Candidate::New).chain(edited).collect()
    }

    /// Every set of facts.
    fn all_facts() -> Vec<Facts> {
        Moderation::ALL
            .iter()
            .flat_map(|moderation| {
                [false, true].map(|author_is_known| Facts {
                    moderation: *moderation,
                    author_is_known,
                })
            })
            .collect()
    }

    #[test]
    fn every_rule_and_every_fact_has_its_verdict() {
        use HoldReason::{All, Edited, First};
        use Status::{Approved, Held};
        const NEW: Candidate = Candidate::New;
        const SEEN: Candidate = Candidate::Edited { was: Approved };
        let table: [(Candidate, Moderation, bool, Status, &[HoldReason]); 12] = [
            (NEW, Moderation::None, false, Approved, &[]),
            (NEW, Moderation::None, true, Approved, &[]),
            (NEW, Moderation::First, false, Held, &[First]),
            (NEW, Moderation::First, true, Approved, &[]),
            (NEW, Moderation::All, false, Held, &[All]),
            (NEW, Moderation::All, true, Held, &[All]),
            (SEEN, Moderation::None, false, Approved, &[]),
            (SEEN, Moderation::None, true, Approved, &[]),
            (SEEN, Moderation::First, false, Held, &[Edited, First]),
            (SEEN, Moderation::First, true, Approved, &[]),
            (SEEN, Moderation::All, false, Held, &[Edited, All]),
            (SEEN, Moderation::All, true, Held, &[Edited, All]),
        ];
        let mut tried = 0;
        for candidate in candidates() {
            for facts in all_facts() {
                let row = table.iter().find(|(one, moderation, known, ..)| {
                    (*one, *moderation, *known) == (candidate, facts.moderation, facts.author_is_known)
                });
                let (status, reasons) = match (candidate, row) {
                    (_, Some((.., status, reasons))) => (*status, reasons.to_vec()),
                    // Readers do not see it, so no rule holds it.
                    (Candidate::Edited { was }, None) => (was, Vec::new()),
                    (Candidate::New, None) => panic!("{facts:?} is missing in the table"),
                };
                let found = decide(&candidate, &facts);
                assert_eq!(found, Verdict { status, reasons }, "{candidate:?} by {facts:?}");
                assert_eq!(found.held_because().is_some(), !found.reasons.is_empty());
                tried += 1;
            }
        }
        assert_eq!(tried, 5 * 6);
    }

    #[test]
    fn a_reason_is_given_exactly_where_the_status_becomes_held() {
        for candidate in candidates() {
            for facts in all_facts() {
                let found = decide(&candidate, &facts);
                let was = match candidate {
                    Candidate::New => None,
                    Candidate::Edited { was } => Some(was),
                };
                let becomes_held = found.status == Status::Held && was != Some(Status::Held);
                assert_eq!(
                    becomes_held,
                    !found.reasons.is_empty(),
                    "{candidate:?} by {facts:?}"
                );
            }
        }
    }
}
