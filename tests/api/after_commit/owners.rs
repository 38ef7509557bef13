//! Events of the actions of owners, and the end of the demo.

use afterword::{
    model::{event::Change, id::ThreadId},
    service::{
        sites::{demo, register, removal, rules},
        threads::{alias, close, edit, lookup, merge, moves, page::Page, read},
    },
};
use serde_json::json;

use super::{FollowedServer, Visible, actor};
use crate::support::server::{ORIGIN, PAGE, TestServer};

#[test]
fn each_act_on_a_thread_emits_its_events_once() {
    let mut it = FollowedServer::start();
    it.server.posted(json!({}));
    it.reader.state();
    let coffee = format!("{ORIGIN}/coffee");
    it.server.posted(json!({"page": coffee, "text": "Coffee."}));
    it.take();
    let (thread, site) = (
        it.thread(),
        it.server.run(read::site(&it.server.app, "blog")).unwrap(),
    );
    let id = site.id;
    let closed = |closed| {
        move |server: &TestServer| {
            server
                .run(close::set_closed(&server.app, actor(), id, thread, closed))
                .unwrap();
        }
    };
    it.act("closing", &[Change::ThreadClosed], Visible::Live, closed(true));
    it.act(
        "closing again",
        &[Change::ThreadStale],
        Visible::Version,
        closed(true),
    );
    it.act("opening", &[Change::ThreadOpened], Visible::Live, closed(false));
    let alias = |server: &TestServer| {
        let key = lookup::key_of(&site, "id:tea").unwrap();
        server
            .run(alias::add(&server.app, actor(), id, thread, key))
            .unwrap();
    };
    it.act("an alias", &[Change::AliasAdded], Visible::Live, alias);
    it.act("the same alias", &[Change::ThreadStale], Visible::Version, alias);
    let title = |server: &TestServer| {
        let edit = edit::set_page(&server.app, actor(), &site, thread, PAGE, "Tea");
        server.run(edit).unwrap();
    };
    it.act("a title", &[Change::ThreadEdited], Visible::Live, title);
    it.act("the same title", &[Change::ThreadStale], Visible::Version, title);
    let move_to = |to: &str, join, dry| {
        let moves = vec![(
            lookup::key_of(&site, PAGE).unwrap(),
            Page::of(&site, to, None).unwrap(),
        )];
        move |server: &TestServer| {
            server
                .run(moves::move_pages(&server.app, actor(), id, moves, join, dry))
                .is_ok()
        }
    };
    let new = format!("{ORIGIN}/green-tea");
    assert!(it.act(
        "a move that is only tried",
        &[],
        Visible::Nowhere,
        move_to(&new, false, true)
    ));
    assert!(!it.act(
        "a refused move",
        &[],
        Visible::Nowhere,
        move_to(&coffee, false, false)
    ));
    assert!(it.act(
        "a move",
        &[Change::ThreadMoved],
        Visible::Live,
        move_to(&new, false, false)
    ));
    assert!(it.act("no move", &[], Visible::Nowhere, move_to(&new, false, false)));
    let from = it.server.thread(&coffee)["thread"]["id"].as_i64().unwrap();
    let merged = Change::ThreadsMerged { from: ThreadId(from) };
    it.act("a merge", &[merged], Visible::Live, |server| {
        let merge = merge::merge(&server.app, actor(), id, ThreadId(from), thread);
        server.run(merge).unwrap();
    });
}

#[test]
fn each_act_on_a_site_emits_its_events_once() {
    let mut it = FollowedServer::start();
    it.server.posted(json!({}));
    it.reader.state();
    it.take();
    let site = it.site;
    let set = |rule: &'static str, value: &'static str| {
        move |server: &TestServer| {
            let rule = vec![(rule.to_owned(), value.to_owned())];
            server
                .run(rules::set_rules(&server.app, actor(), site, rule))
                .unwrap();
        }
    };
    it.act(
        "a setting",
        &[Change::SiteChanged],
        Visible::Read,
        set("votes", "up"),
    );
    it.act("the same setting", &[], Visible::Nowhere, set("votes", "up"));
    it.act("an origin", &[Change::SiteChanged], Visible::Nowhere, |server| {
        let more = register::add_origin(&server.app, actor(), site, "https://more.example");
        server.run(more).unwrap();
    });
    it.act(
        "an origin less",
        &[Change::SiteChanged],
        Visible::Nowhere,
        |server| {
            let less = register::remove_origin(&server.app, actor(), site, "https://more.example");
            server.run(less).unwrap();
        },
    );
    it.act(
        "endings that count",
        &[Change::SiteChanged],
        Visible::Nowhere,
        set("html_folds", "no"),
    );
    it.server
        .posted(json!({"page": format!("{PAGE}.html"), "text": "The same page."}));
    let from = it.server.thread(&format!("{PAGE}.html"))["thread"]["id"]
        .as_i64()
        .unwrap();
    it.take();
    let folded = [
        Change::ThreadsMerged { from: ThreadId(from) },
        Change::SiteChanged,
    ];
    it.act(
        "endings that fold",
        &folded,
        Visible::Live,
        set("html_folds", "yes"),
    );
    it.act(
        "a removal",
        &[Change::SiteChanged, Change::SiteRemoved],
        Visible::Read,
        |server| {
            let removal = removal::remove(&server.app, actor(), "blog", Some("blog"));
            server.run(removal).unwrap();
        },
    );
    assert!(it.page().contains("site_not_found"), "{}", it.page());
    while it.reader.next("data:").is_some() {}
}

#[test]
fn the_end_of_the_demo_emits_an_event() {
    let it = FollowedServer::start();
    let changes =
        |it: &FollowedServer| -> Vec<Change> { it.take().iter().map(|event| event.change).collect() };
    let app = &it.server.app;
    let removal = removal::remove(app, actor(), "blog", Some("blog"));
    it.server.run(removal).unwrap();
    it.take();
    assert!(it.server.run(demo::is_on(app)).unwrap());
    assert_eq!(changes(&it), [Change::SiteRegistered]);
    for (name, expected) in [
        ("shop", &[Change::SiteRegistered, Change::DemoEnded][..]),
        ("news", &[Change::SiteRegistered]),
    ] {
        let origins = [format!("https://{name}.example")];
        it.server
            .run(register::register(app, actor(), name, &origins))
            .unwrap();
        assert_eq!(changes(&it), expected, "{name}");
    }
}
