//! What became of one's own comments: shown to their author alone, also while they wait.

use super::edit::find_by_token;
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
pub const MAX_OWN_COMMENTS: usize = 50;

/// One's own comment.
#[derive(Clone, Debug)]
pub struct OwnComment {
    /// The comment, in the status that its author is told of.
    pub comment: Comment,
    /// What was typed.
    pub source: String,
    /// Until when it can be changed.
    pub edit_until: Millis,
}

/// Those of the comments whose token is right and that still say something.
pub async fn find(app: &App, site: Site, asked: Vec<(CommentId, String)>) -> Result<Vec<OwnComment>, Error> {
    app.store
        .read(move |tx| {
            let mut found = Vec::new();
            for (id, token) in asked.iter().take(MAX_OWN_COMMENTS) {
                let Ok(Some((mut comment, details))) = find_by_token(tx, &site, *id, token) else {
                    continue;
                };
                if comment.status == Status::Deleted || details.is_erased() {
                    continue;
                }
                comment.status = comment.status.to_author();
                let edit_until = comment.created_at.plus(site.rules.edit_window * SECOND);
                found.push(OwnComment {
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
