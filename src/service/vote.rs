//! Voting: one vote of one reader on one comment, changeable.
//!
//! A reader is a secret that the browser keeps; behind one address only [`PER_ADDRESS`] readers count
//! on the same comment, so that emptying the browser's storage does not make a crowd.

use super::{
    app::{App, Client},
    edit::lock,
    error::{Error, Kind},
    post::is_key,
    secret::Purpose,
};
use crate::{
    config::Action,
    model::{
        comment::Status,
        id::CommentId,
        site::{Site, Votes},
    },
    store::{comments, threads, votes},
};

/// Readers behind one address whose votes on one comment count.
pub const PER_ADDRESS: i64 = 10;

/// The votes on a comment after one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voted {
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
) -> Result<Voted, Error> {
    app.limits.check(Action::Vote, client.network, Some(site.id))?;
    if !is_key(reader, 22) {
        return Err(Error::of_field(Kind::FieldInvalid, "reader"));
    }
    if !(-1..=1).contains(&value) {
        return Err(Error::of_field(Kind::FieldInvalid, "value"));
    }
    match site.rules.votes {
        Votes::Both => (),
        Votes::Up if value >= 0 => (),
        Votes::Up | Votes::Off => return Err(Kind::VotesOff.into()),
    }
    let reader_key = app.secret.key(Purpose::Reader, &[&site.id.to_string(), reader]);
    let (address_key, now) = (client.address_key(app), app.clock.now());
    let site_id = site.id;
    let (keys, voted) = app
        .store
        .write(move |tx| {
            let comment = lock(tx, site.id, id)?;
            if comment.status != Status::Approved {
                return Err(Kind::CommentNotFound.into());
            }
            let before = votes::of(tx, site.id, id, &reader_key)?;
            let (mut up, mut down) = (comment.up, comment.down);
            if before != value {
                if before == 0 && votes::from_address(tx, site.id, id, &address_key)? >= PER_ADDRESS {
                    return Err(Error::rate_limited(3_600));
                }
                votes::set(tx, site.id, id, &reader_key, value, &address_key, now)?;
                up += i64::from(value == 1) - i64::from(before == 1);
                down += i64::from(value == -1) - i64::from(before == -1);
                comments::set_votes(tx, &comment, up, down)?;
            }
            let keys = threads::keys(tx, site.id, comment.thread_id)?;
            Ok::<_, Error>((keys, Voted { up, down, value }))
        })
        .await?;
    app.changed(site_id, &keys);
    Ok(voted)
}
