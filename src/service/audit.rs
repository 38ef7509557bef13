//! Records each change in the moderation log, in the same unit of work as the change.

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

/// Entries on a page of the log.
const MAX_ENTRIES_SHOWN: i64 = 200;

/// The actor of a change: the name of an account, or a name in brackets.
#[derive(Clone, Debug)]
pub struct Actor(String);

impl Actor {
    /// The commands of `afterword` on the server. No account can have this name.
    #[must_use]
    pub fn command_line() -> Self {
        Self("(command line)".to_owned())
    }

    /// The program, when it brings rows of an older version to today's rules. No account can have this name.
    #[must_use]
    pub fn upgrade() -> Self {
        Self("(upgrade)".to_owned())
    }

    /// The name in the log.
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

/// Records a change of a comment; `comment` is as it was before.
///
/// # Errors
/// Those of the store.
pub(super) fn record_comment(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    act: impl Into<ModerationAction>,
    comment: &Comment,
) -> Result<(), StoreError> {
    record_votes(app, tx, actor, act.into(), comment, "")
}

/// Records a change of a comment's votes; `votes` describes them.
///
/// # Errors
/// Those of the store.
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

/// Records a change that is not of a comment: its target, and the target as it was before. Without a site it is a change
/// of the instance.
///
/// # Errors
/// Those of the store.
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

/// The newest entries of a site; without a site, those of the instance: accounts and sites.
///
/// # Errors
/// Those of the store.
pub async fn newest(app: &App, site: Option<SiteId>) -> Result<Vec<LogEntry>, Error> {
    app.store.read(move |tx| Ok(newest_in(tx, site)?)).await
}

/// [`newest`] within a unit of work.
pub(super) fn newest_in(tx: &mut dyn Tx, site: Option<SiteId>) -> Result<Vec<LogEntry>, StoreError> {
    moderation_log::newest(tx, site.unwrap_or(INSTANCE), MAX_ENTRIES_SHOWN)
}
