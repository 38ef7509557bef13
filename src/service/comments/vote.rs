//! Voting: one vote of one reader on one comment, changeable.
//!
//! A reader is a secret that the browser keeps, so emptying its storage makes a new one. A school or an office votes
//! behind one address all the same: in an hour, [`MAX_VOTES_PER_HOUR`] readers of one network count on one comment.
//! docs/decisions/0004-readers.md has the reasons.

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

/// Readers of one network (an IPv4 address, an IPv6 /48) whose votes on one comment count in an hour.
pub const MAX_VOTES_PER_HOUR: i64 = 100;

/// The votes on a comment after one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteOutcome {
    /// Readers who like it.
    pub up: i64,
    /// Readers who do not.
    pub down: i64,
    /// One's own vote: 1, -1 or 0.
    pub value: i64,
}

/// Sets a reader's vote: 1, -1, or 0 to take it back.
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
