//! Recording in the log of moderation: one entry for each act that changes something, in the same unit of
//! work as the act itself.

use crate::{
    app::{context::App, error::Error},
    model::{
        account::Account,
        comment::Comment,
        id::SiteId,
        moderation_log::{Before, LogEntry, ModerationAction},
    },
    store::{
        StoreError, Tx,
        tables::moderation_log::{self, INSTANCE},
    },
};

/// Entries that a page of the log shows.
const MAX_ENTRIES_SHOWN: i64 = 200;

/// Who acts, as the log names them.
#[derive(Clone, Debug)]
pub struct Actor(String);

impl Actor {
    /// Whoever runs `afterword …` on the server. No account can have this name.
    #[must_use]
    pub fn command_line() -> Self {
        Self("(command line)".to_owned())
    }

    /// The program itself, where it brings what an older version stored to today's rules. No account can have this name.
    #[must_use]
    pub fn upgrade() -> Self {
        Self("(upgrade)".to_owned())
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl From<&Account> for Actor {
    fn from(account: &Account) -> Self {
        Self(account.name.clone())
    }
}

/// Records an act on a comment, as it was before.
pub(super) fn record_comment(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    act: impl Into<ModerationAction>,
    comment: &Comment,
) -> Result<(), StoreError> {
    record_votes(app, tx, actor, act.into(), comment, "")
}

/// Records an act on the votes of a comment, and which votes they were.
pub(super) fn record_votes(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    act: ModerationAction,
    comment: &Comment,
    votes: &str,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let site = comment.site_id;
    let entry = LogEntry {
        id: app.ids.next(now, 0),
        comment: Some(comment.id),
        actor: actor.0.clone(),
        act,
        before: Before::Status(comment.status),
        target: votes.to_owned(),
        created_at: now,
    };
    moderation_log::add(tx, site, &entry)
}

/// Records an act on something else than a comment: what was changed, and how it was before. No site: the
/// act concerns the whole instance.
pub(super) fn record(
    app: &App,
    tx: &mut dyn Tx,
    site: Option<SiteId>,
    actor: &Actor,
    act: ModerationAction,
    target: &str,
    before: &str,
) -> Result<(), StoreError> {
    let (site, now) = (site.unwrap_or(INSTANCE), app.clock.now());
    let entry = LogEntry {
        id: app.ids.next(now, 0),
        comment: None,
        actor: actor.0.clone(),
        act,
        before: Before::Text(before.to_owned()),
        target: target.to_owned(),
        created_at: now,
    };
    moderation_log::add(tx, site, &entry)
}

/// The newest entries of a site; without one, those about the instance: accounts and sites.
pub async fn newest(app: &App, site: Option<SiteId>) -> Result<Vec<LogEntry>, Error> {
    app.store.read(move |tx| Ok(newest_in(tx, site)?)).await
}

/// The same within a unit of work.
pub(super) fn newest_in(tx: &mut dyn Tx, site: Option<SiteId>) -> Result<Vec<LogEntry>, StoreError> {
    moderation_log::newest(tx, site.unwrap_or(INSTANCE), MAX_ENTRIES_SHOWN)
}
