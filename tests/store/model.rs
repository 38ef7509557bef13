//! A simple model of the store: maps, and counts computed from scratch.
//!
//! Must never be optimised. Every count iterates over everything, every order sorts.

use std::collections::{BTreeMap, BTreeSet};

use afterword::model::{comment::Status, score::score, site::Sort};

/// A unit of work. Comments are named by the id that they get, whether or not they exist already.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    Post {
        id: i64,
        parent: i64,
        status: Status,
        key: u8,
    },
    Edit {
        id: i64,
        text: u8,
    },
    Vote {
        id: i64,
        reader: u8,
        value: i64,
    },
    Status {
        id: i64,
        status: Status,
    },
    Close {
        closed: bool,
    },
    Alias {
        key: u8,
    },
    /// Executes all of it, and fails at the very end.
    Refused(Box<Unit>),
}

/// The result of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    /// The comment created under an idempotency key.
    Posted(i64),
    /// The votes, up and down.
    Votes(i64, i64),
    /// The target did not exist.
    Nothing,
    Refused,
}

#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) parent: i64,
    pub(crate) status: Status,
    pub(crate) text: String,
    pub(crate) edited: bool,
    votes: BTreeMap<u8, i64>,
}

/// One thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    pub(crate) comments: BTreeMap<i64, Comment>,
    pub(crate) aliases: BTreeSet<u8>,
    pub(crate) closed: bool,
    /// The comment that provides its address and title, while one is approved.
    pub(crate) page: i64,
    pub(crate) keys: BTreeMap<u8, i64>,
    /// The control: a model that ignores that a placeholder keeps its position.
    pub(crate) without_tombstones: bool,
}

impl Thread {
    pub(crate) fn apply(&mut self, unit: &Unit) -> Answer {
        match unit {
            Unit::Post {
                id,
                parent,
                status,
                key,
            } => {
                if let Some(made) = self.keys.get(key) {
                    return Answer::Posted(*made);
                }
                let parent = if *parent < *id && self.comments.contains_key(parent) {
                    *parent
                } else {
                    0
                };
                let text = format!("comment {id}");
                let comment = Comment {
                    parent,
                    status: *status,
                    text,
                    edited: false,
                    votes: BTreeMap::new(),
                };
                self.comments.insert(*id, comment);
                // Among several, a new one changes nothing: in reality its id is the greatest.
                if *status == Status::Approved && self.approved() == 1 {
                    self.page = *id;
                }
                self.keys.insert(*key, *id);
                Answer::Posted(*id)
            }
            Unit::Edit { id, text } => match self.comments.get_mut(id) {
                Some(comment) if comment.status != Status::Deleted => {
                    comment.text = format!("edited {text}");
                    comment.edited = true;
                    Answer::Done
                }
                _ => Answer::Nothing,
            },
            Unit::Vote { id, reader, value } => match self.comments.get_mut(id) {
                Some(comment) if comment.status == Status::Approved => {
                    comment.votes.insert(*reader, *value);
                    let (up, down) = comment.votes();
                    Answer::Votes(up, down)
                }
                _ => Answer::Nothing,
            },
            Unit::Status { id, status } => match self.comments.get_mut(id) {
                Some(comment) if comment.status != Status::Deleted => {
                    let was = std::mem::replace(&mut comment.status, *status);
                    if (was == Status::Approved) != (*status == Status::Approved) {
                        self.page = self.first_approved().unwrap_or(self.page);
                    }
                    Answer::Done
                }
                _ => Answer::Nothing,
            },
            Unit::Close { closed } => {
                self.closed = *closed;
                Answer::Done
            }
            Unit::Alias { key } => {
                if self.aliases.insert(*key) {
                    Answer::Done
                } else {
                    Answer::Nothing
                }
            }
            Unit::Refused(_) => Answer::Refused,
        }
    }

    pub(crate) fn is_visible(&self, id: i64) -> bool {
        self.comments[&id].status == Status::Approved || !self.without_tombstones && self.replies(id) > 0
    }

    /// Visible replies.
    pub(crate) fn replies(&self, id: i64) -> i64 {
        self.comments
            .iter()
            .filter(|(reply, comment)| comment.parent == id && self.is_visible(**reply))
            .count() as i64
    }

    pub(crate) fn root(&self, id: i64) -> i64 {
        match self.comments[&id].parent {
            0 => id,
            parent => self.root(parent),
        }
    }

    /// Visible comments below a top-level one, at any depth.
    pub(crate) fn below(&self, root: i64) -> i64 {
        self.comments
            .keys()
            .filter(|id| **id != root && self.root(**id) == root && self.is_visible(**id))
            .count() as i64
    }

    pub(crate) fn approved(&self) -> i64 {
        self.comments
            .values()
            .filter(|comment| comment.status == Status::Approved)
            .count() as i64
    }

    /// The earliest approved comment.
    pub(crate) fn first_approved(&self) -> Option<i64> {
        let approved = |comment: &Comment| comment.status == Status::Approved;
        self.comments
            .iter()
            .find(|(_, comment)| approved(comment))
            .map(|(id, _)| *id)
    }

    /// Visible comments, conversation by conversation.
    pub(crate) fn whole(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self
            .comments
            .keys()
            .copied()
            .filter(|id| self.is_visible(*id))
            .collect();
        ids.sort_by_key(|id| (self.root(*id), *id));
        ids
    }

    /// Visible top-level comments.
    pub(crate) fn roots(&self, sort: Sort) -> Vec<i64> {
        let mut ids: Vec<i64> = self
            .whole()
            .into_iter()
            .filter(|id| self.comments[id].parent == 0)
            .collect();
        let points = |id: &i64| {
            let (up, down) = self.comments[id].votes();
            score(up, down)
        };
        match sort {
            Sort::Oldest => ids.sort_unstable(),
            Sort::Newest => ids.sort_unstable_by_key(|id| -id),
            Sort::Best => ids.sort_by_key(|id| std::cmp::Reverse((points(id), *id))),
            Sort::Replies => ids.sort_by_key(|id| std::cmp::Reverse((self.below(*id), *id))),
        }
        ids
    }
}

impl Comment {
    pub(crate) fn votes(&self) -> (i64, i64) {
        let of = |wanted| self.votes.values().filter(|value| **value == wanted).count() as i64;
        (of(1), of(-1))
    }
}
