//! The moderation log: actions of moderators and owners on a site's comments and on the instance.

use maud::{Markup, html};

use super::AdminFrame;
use crate::{
    model::moderation_log::{LogEntry, ModerationAction},
    view::time,
};

/// The page. `instance`: actions on accounts and sites; `None` for moderators, who may not see them.
#[must_use]
pub fn page(frame: &AdminFrame, site: &[LogEntry], instance: Option<&[LogEntry]>) -> Markup {
    let main = html! {
        h1 { "Log" }
        @if site.is_empty() { p.empty { "No moderator has done anything yet." } }
        @else { (table(frame, "Log of this site", site)) }
        @if let Some(entries) = instance.filter(|entries| !entries.is_empty()) {
            h2 { "Accounts and sites" }
            (table(frame, "Accounts and sites", entries))
        }
    };
    frame.page("Log", &main)
}

fn table(frame: &AdminFrame, label: &str, entries: &[LogEntry]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(label) {
            table {
                thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Target" } } }
                tbody {
                    @for entry in entries {
                        tr {
                            td { (time::moment(entry.created_at)) }
                            td { bdi { (entry.actor) } }
                            td { (what(entry)) }
                            td {
                                @if let Some(comment) = entry.comment {
                                    a href=(frame.of_site(&format!("comments/{comment}/edit"))) { "Open" span.vh { " comment " (comment) } }
                                } @else { bdi { (entry.target) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn what(entry: &LogEntry) -> Markup {
    let done = match entry.act {
        ModerationAction::Approved
        | ModerationAction::Held
        | ModerationAction::Spam
        | ModerationAction::Deleted
        | ModerationAction::Edited => {
            return html! { (entry.before.as_str()) " → " (entry.act.as_str()) };
        }
        ModerationAction::VotesDiscarded => {
            return html! { "Discarded votes from one network: " (entry.target) };
        }
        ModerationAction::ThreadClosed => "Closed a thread",
        ModerationAction::ThreadOpened => "Opened a thread",
        ModerationAction::AliasAdded => "Added an address to a thread",
        ModerationAction::ThreadEdited => "Edited a thread",
        ModerationAction::ThreadMoved => "Moved a thread",
        ModerationAction::ThreadsMerged => "Merged two threads",
        ModerationAction::SiteRegistered => "Registered a site",
        ModerationAction::SiteRemoved => "Removed a site",
        ModerationAction::OriginAdded => "Added an origin",
        ModerationAction::OriginRemoved => "Removed an origin",
        ModerationAction::SettingChanged => "Changed a setting",
        ModerationAction::AccountCreated => "Created an account",
        ModerationAction::AccountRemoved => "Removed an account",
        ModerationAction::PasswordChanged => "Changed a password",
        ModerationAction::RoleChanged => "Changed a role",
    };
    html! { (done) @if !entry.before.as_str().is_empty() { ", before: " bdi { (entry.before.as_str()) } } }
}
