//! Ballot stuffing: votes on a comment that come mostly from few networks, and what a moderator does about them.
//!
//! A school votes behind one address, so such votes count until a moderator discards them. Networks are told apart as
//! long as the keyed hashes of addresses are kept.

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

/// Fewer votes than this are no crowd.
pub const MIN_SUSPICIOUS_VOTES: i64 = 10;
/// So many networks are few.
pub const FEW_NETWORKS: usize = 3;

/// The networks that cast more than half of the votes on a comment, where they are few; otherwise none. A network with
/// a single vote is a reader, and not among them.
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

/// Discards the votes of a network on a comment and records it; answers how many they were.
/// Errors: `comment_not_found`, `field_invalid` without a network.
pub async fn discard(
    app: &App,
    actor: &Actor,
    site: SiteId,
    id: CommentId,
    network: &str,
) -> Result<i64, Error> {
    // Votes whose network is forgotten have an empty key, and are of many networks.
    if network.is_empty() {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "network"));
    }
    let (inner, actor, network) = (app.clone(), actor.clone(), network.to_owned());
    app.store
        .write(move |tx| {
            let comment = lock_comment(tx, site, id)?;
            let gone = votes::discard(tx, site, id, &network)?;
            if gone.count() == 0 {
                return Ok(0);
            }
            let (up, down) = (comment.up - gone.up, comment.down - gone.down);
            comments::set_votes(tx, &comment, up, down)?;
            tx.emit(Event::of_comment(&comment, Change::VotesChanged { up, down }));
            let what = format!("{} up, {} down", gone.up, gone.down);
            audit::record_votes(
                &inner,
                tx,
                &actor,
                ModerationAction::VotesDiscarded,
                &comment,
                &what,
            )?;
            Ok(gone.count())
        })
        .await
}
