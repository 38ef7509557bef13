//! What became of one's own comments: shown to their author alone, also while they wait.

use super::edit::by_token;
use crate::{
    app::{context::App, error::Error},
    model::{
        comment::{Comment, Status},
        id::CommentId,
        site::Site,
        time::{Millis, SECOND},
    },
    store::StoreError,
};

/// Comments asked for at once at the most.
pub const MOST: usize = 50;

/// One's own comment.
#[derive(Clone, Debug)]
pub struct Own {
    /// The comment, in the status that its author is told of.
    pub comment: Comment,
    /// What was typed.
    pub source: String,
    /// Until when it can be changed.
    pub edit_until: Millis,
}

/// Those of the comments whose token is right and that still say something.
pub async fn own(app: &App, site: Site, asked: Vec<(CommentId, String)>) -> Result<Vec<Own>, Error> {
    app.store
        .read(move |tx| {
            let mut found = Vec::new();
            for (id, token) in asked.iter().take(MOST) {
                let Ok(Some((mut comment, details))) = by_token(tx, &site, *id, token) else {
                    continue;
                };
                if comment.status == Status::Deleted || details.is_erased() {
                    continue;
                }
                comment.status = comment.status.to_author();
                let edit_until = comment.created_at.plus(site.rules.edit_window * SECOND);
                found.push(Own {
                    comment,
                    source: details.source,
                    edit_until,
                });
            }
            Ok::<_, StoreError>(found)
        })
        .await
        .map_err(Error::from)
}
