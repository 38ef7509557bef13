//! Vote stuffing: finds votes on a comment that come mostly from few networks, and discards them for a moderator.
//!
//! A school votes behind one address, so such votes count until a moderator discards them. Networks can be distinguished
//! until the keyed hashes of addresses expire.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        comment::Comment,
        event::{Change, Event},
        id::{CommentId, SiteId},
        moderation_log::ModerationAction,
    },
    service::{
        audit::{self, Actor},
        comments::edit::lock_comment,
    },
    store::{
        StoreError, Tx,
        tables::{
            comments,
            votes::{self, OfNetwork},
        },
    },
};

/// The least number of votes on a comment that is examined.
pub const MIN_SUSPICIOUS_VOTES: i64 = 10;
/// The number of networks that counts as few.
pub const FEW_NETWORKS: usize = 3;

/// The networks that cast more than half of the votes on a comment, if they are at most [`FEW_NETWORKS`]; otherwise none.
/// A network with a single vote is one reader and is left out.
///
/// # Errors
/// Those of the store.
pub fn few_networks(tx: &mut dyn Tx, comment: &Comment) -> Result<Vec<OfNetwork>, StoreError> {
    let all = comment.up + comment.down;
    if all < MIN_SUSPICIOUS_VOTES {
        return Ok(Vec::new());
    }
    let mut found = votes::by_network(tx, comment.site_id, comment.id, FEW_NETWORKS as i64)?;
    found.retain(|network| network.count() > 1);
    let theirs: i64 = found.iter().map(OfNetwork::count).sum();
    if 2 * theirs <= all {
        found.clear();
    }
    Ok(found)
}

/// Discards the votes of a network on a comment, and records it. Returns the number of votes.
///
/// # Errors
/// `comment_not_found`, `field_invalid` without a network, and those of the store.
pub async fn discard(
    app: &App,
    actor: &Actor,
    site: SiteId,
    id: CommentId,
    network: &str,
) -> Result<i64, Error> {
    // Votes whose hash expired have an empty key, and are of many networks.
    if network.is_empty() {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "network"));
    }
    let (inner, actor, network) = (app.clone(), actor.clone(), network.to_owned());
    app.store
        .write(move |tx| {
            let comment = lock_comment(tx, site, id)?;
            let discarded = votes::discard(tx, site, id, &network)?;
            if discarded.count() == 0 {
                return Ok(0);
            }
            let (up, down) = (comment.up - discarded.up, comment.down - discarded.down);
            comments::set_votes(tx, &comment, up, down)?;
            tx.emit(Event::of_comment(&comment, Change::VotesChanged { up, down }));
            let description = format!("{} up, {} down", discarded.up, discarded.down);
            audit::record_votes(
                &inner,
                tx,
                &actor,
                ModerationAction::VotesDiscarded,
                &comment,
                &description,
            )?;
            Ok(discarded.count())
        })
        .await
}
