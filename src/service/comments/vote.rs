//! Votes: one for each reader and comment, changeable.
//!
//! A reader is identified by a secret that the browser stores; clearing the storage makes a new reader. A school or an
//! office votes behind one address, so up to [`MAX_VOTES_PER_HOUR`] readers of one network can vote on one comment in an
//! hour. docs/decisions/0004-readers.md has the reasons.

use super::{edit::lock_comment, post::is_idempotency_key};
use crate::{
    app::{
        context::{App, Client},
        error::{Error, ErrorKind},
        secret::Purpose,
    },
    config::Action,
    model::{
        comment::Status,
        event::{Change, Event},
        id::CommentId,
        site::{Site, Votes},
        time::{HOUR, SECOND},
    },
    store::tables::{comments, votes},
};

/// Readers of one network (an IPv4 address, an IPv6 /48) who can vote on one comment in an hour.
pub const MAX_VOTES_PER_HOUR: i64 = 100;

/// The votes on a comment after a reader's vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteOutcome {
    /// Votes up.
    pub up: i64,
    /// Votes down.
    pub down: i64,
    /// The reader's own vote: 1, -1 or 0.
    pub value: i64,
}

/// Sets a reader's vote: 1, -1, or 0 to remove it.
///
/// # Errors
/// `field_invalid` for the reader or the value; `votes_off`; `comment_not_found`, also for a comment that is not approved;
/// `rate_limited`; and those of the store.
pub async fn vote(
    app: &App,
    site: Site,
    client: &Client,
    id: CommentId,
    reader: &str,
    value: i64,
) -> Result<VoteOutcome, Error> {
    app.limits.check(Action::Vote, client.network)?;
    if !is_idempotency_key(reader, 22) {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "reader"));
    }
    if !(-1..=1).contains(&value) {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "value"));
    }
    match site.rules.votes {
        Votes::Both => (),
        Votes::Up if value >= 0 => (),
        Votes::Up | Votes::Off => return Err(ErrorKind::VotesOff.into()),
    }
    let reader_key = app.secret.key(Purpose::Reader, &[&site.id.to_string(), reader]);
    let (network_key, now) = (client.vote_key(app), app.clock.now());
    let reserved = app.limits.reserve(Action::Vote, Some(site.id))?;
    let (voted, is_new) = app
        .store
        .write(move |tx| {
            let comment = lock_comment(tx, site.id, id)?;
            if comment.status != Status::Approved {
                return Err(ErrorKind::CommentNotFound.into());
            }
            let before = votes::of(tx, site.id, id, &reader_key)?;
            let (mut up, mut down) = (comment.up, comment.down);
            if before != value {
                if before == 0 {
                    let lately = votes::recent(tx, site.id, id, &network_key, now.plus(-HOUR))?;
                    if lately.count >= MAX_VOTES_PER_HOUR {
                        let wait = HOUR - now.since(lately.first);
                        return Err(Error::rate_limited(u64::try_from(wait / SECOND).unwrap_or(0) + 1));
                    }
                }
                votes::set(tx, site.id, id, &reader_key, value, &network_key, now)?;
                up += i64::from(value == 1) - i64::from(before == 1);
                down += i64::from(value == -1) - i64::from(before == -1);
                comments::set_votes(tx, &comment, up, down)?;
                tx.emit(Event::of_comment(&comment, Change::VotesChanged { up, down }));
            } else {
                tx.emit(Event::of_comment(&comment, Change::ThreadStale));
            }
            Ok::<_, Error>((VoteOutcome { up, down, value }, before != value))
        })
        .await?;
    reserved.keep_if(is_new);
    Ok(voted)
}
