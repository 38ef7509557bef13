//! Events of the actions of moderators.

use afterword::{
    app::context::Client,
    model::{
        comment::{Format, Status},
        event::Change,
        id::CommentId,
        network::Network,
    },
    service::{
        comments::input::CommentInput,
        moderation::{decide, edit, vote_stuffing},
    },
};
use serde_json::json;

use super::{FollowedServer, Visible, actor};
use crate::support::server::{READER, TestServer};

#[test]
fn each_act_of_a_moderator_emits_its_events_once() {
    let mut it = FollowedServer::start();
    let (id, _) = it.server.posted(json!({}));
    it.reader.state();
    it.take();
    let (id, site) = (CommentId(id), it.site);
    it.decide(id, Status::Approved, Status::Spam);
    it.decide(id, Status::Spam, Status::Approved);
    it.decide(id, Status::Approved, Status::Deleted);
    it.decide(id, Status::Deleted, Status::Approved);
    it.decide(id, Status::Approved, Status::Held);
    it.decide(id, Status::Held, Status::Approved);
    it.act("a decision from before", &[], Visible::Nowhere, |server| {
        let raced = decide::decide(&server.app, actor(), site, id, Status::Spam, 1);
        assert_eq!(server.run(raced).unwrap(), decide::Decision::Changed);
    });
    let version = it.version(id);
    let text = CommentInput {
        name: "Ann".into(),
        email: String::new(),
        website: String::new(),
        text: "Without the insult.".into(),
        format: Some(Format::Markdown),
    };
    it.act(
        "a moderator's edit",
        &[Change::CommentEdited],
        Visible::Live,
        |server| {
            server
                .run(edit::edit(&server.app, actor(), site, id, version, text))
                .unwrap()
        },
    );
    let vote = json!({"reader": READER, "value": -1});
    it.server.json("PUT", &format!("comments/{id}/vote"), None, &vote);
    it.reader.state();
    it.take();
    let client = Client {
        network: Network::of("127.0.0.1".parse().unwrap()),
    };
    let network = client.vote_key(&it.server.app);
    let discard = |server: &TestServer| {
        let discard = vote_stuffing::discard(&server.app, actor(), site, id, &network);
        server.run(discard).unwrap()
    };
    let none = Change::VotesChanged { up: 0, down: 0 };
    assert_eq!(it.act("discarded votes", &[none], Visible::Live, discard), 1);
    assert_eq!(it.act("no votes to discard", &[], Visible::Nowhere, discard), 0);
}
