//! The log of moderation: what moderators and owners did, to the comments of a site and to the instance.

use maud::{Markup, html};

use super::Frame;
use crate::{
    model::moderation_log::{Act, Entry},
    view::time,
};

/// The page. `instance`: what was done to accounts and sites; none for whoever may not see that.
#[must_use]
pub fn page(frame: &Frame, site: &[Entry], instance: Option<&[Entry]>) -> Markup {
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

fn table(frame: &Frame, label: &str, entries: &[Entry]) -> Markup {
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

fn what(entry: &Entry) -> Markup {
    let done = match entry.act {
        Act::Approved | Act::Held | Act::Spam | Act::Deleted | Act::Edited => {
            return html! { (entry.before) " → " (entry.act.as_str()) };
        }
        Act::VotesDiscarded => {
            return html! { "Discarded votes from one network: " (entry.target) };
        }
        Act::ThreadClosed => "Closed a thread",
        Act::ThreadOpened => "Opened a thread",
        Act::AliasAdded => "Added an address to a thread",
        Act::ThreadEdited => "Edited a thread",
        Act::ThreadMoved => "Moved a thread",
        Act::ThreadsMerged => "Merged two threads",
        Act::SiteRegistered => "Registered a site",
        Act::SiteRemoved => "Removed a site",
        Act::OriginAdded => "Added an origin",
        Act::OriginRemoved => "Removed an origin",
        Act::SettingChanged => "Changed a setting",
        Act::AccountCreated => "Created an account",
        Act::AccountRemoved => "Removed an account",
        Act::PasswordChanged => "Changed a password",
        Act::RoleChanged => "Changed a role",
    };
    html! { (done) @if !entry.before.is_empty() { ", before: " bdi { (entry.before) } } }
}
