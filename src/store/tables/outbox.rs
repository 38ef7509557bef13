//! The table `outbox`: side effects to carry out, one row for each event and consumer.

use serde_json::json;

use crate::{
    model::{
        event::{Change, Event, EventKind},
        time::Millis,
    },
    store::{StoreError, Tx, params},
};

/// Adds an event for a consumer, due at once. Returns false, and adds nothing, where the id is taken.
///
/// # Errors
/// Those of the statement.
pub fn add(
    tx: &mut dyn Tx,
    id: i64,
    consumer: &str,
    event: &Event,
    kind: EventKind,
    now: Millis,
) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO outbox (id, kind, site_id, thread_id, comment_id, payload, created_at, not_before) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT (id) DO NOTHING",
        params![
            id,
            consumer,
            event.site.0,
            event.thread.map_or(0, |thread| thread.0),
            event.comment.map_or(0, |comment| comment.0),
            &payload(event, kind),
            now.0,
        ],
    )?;
    Ok(added > 0)
}

/// The event's kind and the values that have no column, as JSON. It contains no text of comments.
fn payload(event: &Event, kind: EventKind) -> String {
    let mut payload = json!({ "event": kind.as_str() });
    match event.change {
        Change::CommentPosted { parent, status } => {
            payload["parent"] = json!(parent.map(|parent| parent.0));
            payload["status"] = json!(status.as_str());
        }
        Change::StatusChanged { from, to } => {
            payload["from"] = json!(from.as_str());
            payload["to"] = json!(to.as_str());
        }
        Change::VotesChanged { up, down } => {
            payload["up"] = json!(up);
            payload["down"] = json!(down);
        }
        Change::ThreadsMerged { from } => payload["from"] = json!(from.0),
        Change::CommentEdited
        | Change::CommentErased
        | Change::ThreadClosed
        | Change::ThreadOpened
        | Change::ThreadEdited
        | Change::AliasAdded
        | Change::ThreadMoved
        | Change::ThreadRerendered
        | Change::ThreadStale
        | Change::SiteRegistered
        | Change::SiteChanged
        | Change::SiteRemoved
        | Change::DemoEnded => (),
    }
    payload.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        comment::Status,
        id::{SiteId, ThreadId},
    };

    #[test]
    fn a_payload_has_the_values_without_a_column() {
        for (change, expected) in [
            (
                Change::CommentPosted {
                    parent: None,
                    status: Status::Held,
                },
                json!({"event": "comment_posted", "parent": null, "status": "held"}),
            ),
            (
                Change::StatusChanged {
                    from: Status::Held,
                    to: Status::Approved,
                },
                json!({"event": "status_changed", "from": "held", "to": "approved"}),
            ),
            (
                Change::VotesChanged { up: 2, down: 1 },
                json!({"event": "votes_changed", "up": 2, "down": 1}),
            ),
            (
                Change::ThreadsMerged { from: ThreadId(7) },
                json!({"event": "threads_merged", "from": 7}),
            ),
            (Change::ThreadClosed, json!({"event": "thread_closed"})),
        ] {
            let event = Event::of_site(SiteId(1), change);
            let written: serde_json::Value =
                serde_json::from_str(&payload(&event, event.kind().unwrap())).unwrap();
            assert_eq!(written, expected);
        }
    }
}
