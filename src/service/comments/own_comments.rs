//! Reads comments for their author: with their source, and also while they are held.

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

/// Comments in one request.
pub const MAX_OWN_COMMENTS: usize = 50;

/// A comment as its author sees it.
#[derive(Clone, Debug)]
pub struct OwnComment {
    /// The comment, with the status that its author sees ([`Status::to_author`]).
    pub comment: Comment,
    /// The source of its text.
    pub source: String,
    /// The end of its edit window.
    pub edit_until: Millis,
}

/// Reads the comments whose edit token is right and that are neither deleted nor erased. Of `asked`, entries after the
/// first [`MAX_OWN_COMMENTS`] are ignored.
///
/// # Errors
/// Those of the store.
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
