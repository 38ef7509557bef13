//! Access by token: place × purpose, each cell asserted.

use afterword::{
    model::{comment::Status, id::CommentId},
    service::accounts::directory,
};

use super::fixture::Fixture;

/// The tokens that give access to a place. All others must not.
const OPENS: &[(&str, &[&str])] = &[
    ("PATCH comment", &["edit, this comment"]),
    ("PATCH comment of the other site", &["edit, another site"]),
    ("PATCH comment by the other site", &[]),
    ("POST own", &["edit, this comment"]),
    ("form of the thread page", &["page form, this reader"]),
    ("form of the admin", &["admin form, this session"]),
    ("form of signing in", &["admin form, nobody's"]),
    ("session, owners' page", &["owner's session"]),
    (
        "session, moderators' page",
        &["owner's session", "moderator's session"],
    ),
    ("setup link", &[]),
];

#[test]
fn a_token_grants_access_to_its_own_place_only() {
    let fixture = Fixture::new();
    let (tokens, mut cells, mut open) = (fixture.tokens(), 0, 0);
    for (place, opening) in OPENS {
        for (name, token) in &tokens {
            let opened = fixture.opens(place, token);
            assert_eq!(opened, opening.contains(name), "{place}: {name}");
            cells += 1;
            open += usize::from(opened);
        }
    }
    // The controls: a server that refuses everything, or accepts any of our tokens, would differ from this table.
    assert_eq!(
        open,
        OPENS.iter().map(|(_, opening)| opening.len()).sum::<usize>()
    );
    assert!(open >= 8 && cells >= 200, "{open} of {cells}");
    println!("{cells} cells of place and purpose, {open} open");
}

#[test]
fn an_author_cannot_do_a_moderators_actions_on_a_held_comment() {
    let fixture = Fixture::new();
    let right = fixture.tokens()[0].1.clone();
    let user = fixture
        .server
        .run(directory::all(&fixture.server.app))
        .unwrap()
        .remove(0);
    fixture
        .server
        .run(afterword::service::moderation::decide::decide(
            &fixture.server.app,
            &(&user).into(),
            fixture.blog,
            CommentId(fixture.first),
            Status::Held,
            1,
        ))
        .unwrap();
    let answer = fixture.api(
        "PATCH",
        "blog",
        "https://blog.example",
        &format!("comments/{}", fixture.first),
        &right,
        "{\"text\": \"Changed.\"}",
    );
    assert_eq!(
        (answer.status, answer.json()["comment"]["status"].as_str()),
        (200, Some("held")),
        "still held: {}",
        answer.text()
    );
    assert!(!fixture.opens("form of the admin", &right));
}
