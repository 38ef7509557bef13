//! The fields of forms: a field that a form does not have is ignored, of a repeated field the first value counts, and a
//! missing field is an empty one. Each form of the comment origin is sent, and does the same in each of these ways.

use serde_json::json;

use super::{
    browser::{Browser, hidden, location, sign_in, thread_page},
    support::{
        http::Answer,
        server::{PAGE, TestServer, encoded, key},
    },
};

const PASSWORD: &str = "a long password";
const OTHER: &str = "https://blog.example/other";

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// A form's path, its fields, the status of the answer, and its target: a path, where it redirects.
type Sent<'a> = (&'a str, Fields<'a>, u16, &'a str);

/// A form's path, its fields, and wrong values of single fields with the status of the answer.
type RefusedForm<'a> = (String, Fields<'a>, Vec<(&'a str, &'a str, u16)>);

/// Changes to the fields of a form that change nothing about what it does.
#[derive(Clone, Copy, Debug)]
enum Variant {
    AsTheyAre,
    WithUnknownFields,
    EachRepeated,
    WithoutEmptyOnes,
}

impl Variant {
    fn apply<'a>(self, fields: &[(&'a str, &'a str)]) -> Fields<'a> {
        let all = || fields.iter().copied();
        match self {
            Self::AsTheyAre => fields.to_vec(),
            Self::WithUnknownFields => [("unknown", "1"), ("", "")]
                .into_iter()
                .chain(all())
                .chain([("unknown", "2"), ("Text", "x"), ("form_token ", "x")])
                .collect(),
            Self::EachRepeated => all().chain(all().map(|(name, _)| (name, "later"))).collect(),
            Self::WithoutEmptyOnes => all().filter(|(_, value)| !value.is_empty()).collect(),
        }
    }
}

const RULES: [(&str, &str); 9] = [
    ("moderation", "first"),
    ("html_folds", "yes"),
    ("require_name", "yes"),
    ("votes", "up"),
    ("sort", "oldest"),
    ("edit_window", "901"),
    ("max_text", "10000"),
    ("close_after", "0"),
    ("heading", ""),
];

/// A server with an owner, a reader's comment and the pages of both.
struct Scene<'a> {
    variant: Variant,
    reader: Browser<'a>,
    owner: Browser<'a>,
}

impl Scene<'_> {
    /// Sends a form by this browser and compares the answer.
    fn send(browser: &mut Browser<'_>, variant: Variant, sent: &Sent<'_>) -> Answer {
        let (path, fields, status, target) = sent;
        let answer = browser.post(path, &variant.apply(fields));
        let note = format!("{path} {variant:?} {fields:?}: {}", answer.text());
        assert_eq!(answer.status, *status, "{note}");
        if !target.is_empty() {
            assert_eq!(location(browser.server, &answer), *target, "{note}");
        }
        answer
    }

    fn reader(&mut self, path: &str, fields: &[(&str, &str)], status: u16, target: &str) -> Answer {
        Self::send(
            &mut self.reader,
            self.variant,
            &(path, fields.to_vec(), status, target),
        )
    }

    fn owner(&mut self, path: &str, fields: &[(&str, &str)], status: u16, target: &str) -> Answer {
        Self::send(
            &mut self.owner,
            self.variant,
            &(path, fields.to_vec(), status, target),
        )
    }
}

fn each_form_is_sent(variant: Variant) {
    let server = TestServer::start();
    let link = server
        .run(afterword::service::accounts::setup_link::create(&server.app))
        .unwrap()
        .unwrap();
    let mut scene = Scene {
        variant,
        reader: Browser::new(&server),
        owner: Browser::new(&server),
    };

    // Setup, signing out, signing in.
    let setup = format!("/admin/setup/{link}");
    let token = hidden(&scene.owner.get(&setup).text(), "form_token");
    let token = ("form_token", token.as_str());
    let (name, password) = (("name", "keeper"), ("password", PASSWORD));
    let fields = [token, name, password, ("password_again", PASSWORD)];
    scene.owner(&setup, &fields, 303, "/admin/sites");
    let session = hidden(&scene.owner.get("/admin/sites").text(), "form_token");
    scene.owner("/admin/logout", &[("form_token", &session)], 303, "/admin/login");
    let next = "/admin/blog/log";
    scene.owner(
        "/admin/login",
        &[token, name, password, ("next", next)],
        303,
        next,
    );
    let token = hidden(&scene.owner.get("/admin/sites").text(), "form_token");
    let token = ("form_token", token.as_str());

    // A reader's forms.
    let shown = scene.reader.get(&thread_page("")).text();
    let (proof, key) = (hidden(&shown, "form_token"), hidden(&shown, "key"));
    let page = [
        ("form_token", proof.as_str()),
        ("page", PAGE),
        ("page_id", ""),
        ("title", "On tea"),
        ("sort", ""),
        ("cursor", ""),
    ];
    let post = [
        ("parent", ""),
        ("key", &key),
        ("name", "Ann"),
        ("email", "ann@mail.example"),
        ("website", "https://ann.example/"),
        ("text", "Loose\r\nleaf."),
    ];
    let preview = [&page[..], &post, &[("action", "preview")]].concat();
    let seen = scene.reader("/thread/blog/post", &preview, 200, "").text();
    assert!(
        seen.contains("<p>Loose") && seen.contains("value=\"ann@mail.example\""),
        "{seen}"
    );
    let posted = [&page[..], &post, &[("action", "post")]].concat();
    let done = scene.reader("/thread/blog/post", &posted, 303, "");
    let thread = server.thread(PAGE);
    let (comment, thread_id) = (
        thread["comments"][0]["id"].to_string(),
        thread["thread"]["id"].to_string(),
    );
    let here = format!("/thread/blog?page={}&title=On+tea", encoded(PAGE));
    let said = |what: &str| format!("{here}&said={what}&id={comment}#comment-{comment}");
    assert_eq!(location(&server, &done), said("posted"));
    let edit = [
        &page[..],
        &[
            ("id", &comment),
            ("version", "1"),
            ("name", "Ann"),
            ("website", ""),
            ("text", "Loose leaf tea."),
        ],
    ]
    .concat();
    scene.reader("/thread/blog/edit", &edit, 303, &said("changed"));
    assert_eq!(
        server.thread(PAGE)["comments"][0]["author"]["website"],
        json!(null)
    );
    let vote = format!("{comment}:1");
    let target = format!("{here}&said=voted&id={comment}&value=1#comment-{comment}");
    scene.reader(
        "/thread/blog/vote",
        &[&page[..], &[("vote", &vote)]].concat(),
        303,
        &target,
    );

    // Forms about a comment.
    let [edit, status, votes] =
        ["edit", "status", "votes"].map(|form| format!("/admin/blog/comments/{comment}/{form}"));
    let version = hidden(&scene.owner.get(&edit).text(), "version");
    let fields = [
        token,
        ("text", "By the moderator."),
        ("name", "Ann"),
        ("website", ""),
        ("version", &version),
    ];
    let queue = "/admin/blog/comments?status=approved";
    let target = format!("{queue}&id={comment}&edited=1#item-{comment}");
    scene.owner(&edit, &fields, 303, &target);
    let (tab, none) = (("tab", "approved"), ("network", "none"));
    scene.owner(
        &votes,
        &[token, tab, none],
        303,
        &format!("{queue}&id={comment}&discarded=0"),
    );
    for (to, was, undo, mark) in [
        ("spam", "approved", "", ""),
        ("approved", "spam", "1", "&undone=1"),
    ] {
        let version = hidden(&scene.owner.get(&edit).text(), "version");
        let later = version.parse::<i64>().unwrap() + 1;
        let fields = [token, ("to", to), tab, ("version", &version), ("undo", undo)];
        let target = format!("{queue}&id={comment}&now={to}&was={was}&version={later}{mark}");
        scene.owner(&status, &fields, 303, &target);
    }

    // Forms about a site and about threads.
    let settings = [&[token][..], &RULES].concat();
    scene.owner(
        "/admin/blog/settings",
        &settings,
        303,
        "/admin/blog/settings?saved=1",
    );
    let origin = "https://www.blog.example";
    let target = "/admin/blog/settings?saved=1#origins";
    scene.owner(
        "/admin/blog/origins",
        &[token, ("origin", origin), ("remove", "")],
        303,
        target,
    );
    scene.owner(
        "/admin/blog/origins",
        &[token, ("origin", ""), ("remove", origin)],
        303,
        target,
    );
    let fields = [
        token,
        ("name", " third "),
        ("origin", "https://third.example https://www.third.example"),
    ];
    scene.owner("/admin/sites", &fields, 303, "/admin/third/settings?new=1");
    server.posted(json!({"page": OTHER, "text": "Another page."}));
    let form = |form: &str| format!("/admin/blog/threads/{thread_id}/{form}");
    let said = |what: &str| format!("/admin/blog/threads?said={what}");
    scene.owner(&form("closed"), &[token, ("closed", "yes")], 303, &said("closed"));
    scene.owner(&form("closed"), &[token, ("closed", "")], 303, &said("opened"));
    scene.owner(
        &form("alias"),
        &[token, ("alias", "https://blog.example/of-old")],
        303,
        &said("alias"),
    );
    scene.owner(
        &form("page"),
        &[token, ("address", PAGE), ("title", "")],
        303,
        &said("page"),
    );
    scene.owner(
        &form("move"),
        &[token, ("to", " https://blog.example/of-late ")],
        303,
        &said("moved"),
    );
    let confirm = scene
        .owner(
            &form("merge"),
            &[token, ("into", OTHER), ("confirmed", "")],
            200,
            "",
        )
        .text();
    assert!(confirm.contains("name=\"confirmed\""), "{confirm}");
    scene.owner(
        &form("merge"),
        &[token, ("into", OTHER), ("confirmed", "yes")],
        303,
        &said("merged"),
    );

    // The reader deletes the comment, on the page where it is now. The other one is held, as the first of its author.
    assert_eq!(server.thread(OTHER)["thread"]["count"], 1);
    let fields = [("form_token", proof.as_str()), ("page", OTHER), ("id", &comment)];
    let target = format!("/thread/blog?page={}&said=deleted", encoded(OTHER));
    scene.reader("/thread/blog/delete", &fields, 303, &target);
    assert_eq!(server.thread(OTHER)["thread"]["count"], 0);
}

#[test]
fn each_form_is_read_by_the_names_of_its_fields() {
    each_form_is_sent(Variant::AsTheyAre);
}

#[test]
fn fields_that_a_form_does_not_have_are_ignored() {
    each_form_is_sent(Variant::WithUnknownFields);
}

#[test]
fn the_first_of_repeated_fields_counts() {
    each_form_is_sent(Variant::EachRepeated);
}

#[test]
fn a_missing_field_is_an_empty_one() {
    each_form_is_sent(Variant::WithoutEmptyOnes);
}

/// A wrong value before the right one is refused like a wrong value alone.
#[test]
fn the_first_of_repeated_fields_is_the_one_that_is_refused() {
    let server = TestServer::start();
    server.owner("keeper", PASSWORD);
    let mut reader = Browser::new(&server);
    let shown = reader.get(&thread_page("")).text();
    let (proof, first_key) = (hidden(&shown, "form_token"), hidden(&shown, "key"));
    let posted = [
        ("form_token", proof.as_str()),
        ("page", PAGE),
        ("key", &first_key),
        ("name", "Ann"),
        ("text", "Tea."),
    ];
    assert_eq!(reader.post("/thread/blog/post", &posted).status, 303);
    server.posted(json!({"page": OTHER, "text": "Another page."}));
    let thread = server.thread(PAGE);
    let (comment, thread_id) = (
        thread["comments"][0]["id"].to_string(),
        thread["thread"]["id"].to_string(),
    );
    let login = hidden(&Browser::new(&server).get("/admin/login").text(), "form_token");
    let mut owner = sign_in(&server, "keeper", PASSWORD);
    let token = hidden(&owner.get("/admin/sites").text(), "form_token");
    let before = (
        server.thread(PAGE),
        server.thread(OTHER),
        owner.get("/admin/blog/log").text(),
    );

    let vote = format!("{comment}:1");
    let key = key();
    let token = ("form_token", token.as_str());
    let proof = ("form_token", proof.as_str());
    let of_comment = |form: &str| format!("/admin/blog/comments/{comment}/{form}");
    let of_thread = |form: &str| format!("/admin/blog/threads/{thread_id}/{form}");
    let settings = [&[token][..], &RULES].concat();
    let cases: Vec<RefusedForm<'_>> = vec![
        (
            "/admin/sites".to_owned(),
            vec![token, ("name", "third"), ("origin", "https://third.example")],
            vec![
                ("form_token", "x", 403),
                ("name", "Not a name", 422),
                ("origin", "nonsense", 422),
            ],
        ),
        (
            "/admin/blog/origins".to_owned(),
            vec![token, ("origin", "https://www.blog.example")],
            vec![("form_token", "", 403), ("origin", "nonsense", 422)],
        ),
        (
            "/admin/blog/settings".to_owned(),
            settings,
            vec![
                ("moderation", "sometimes", 422),
                ("html_folds", "maybe", 422),
                ("require_name", "maybe", 422),
                ("require_email", "maybe", 422),
                ("votes", "sideways", 422),
                ("sort", "by colour", 422),
                ("edit_window", "-1", 422),
                ("max_text", "0", 422),
                ("close_after", "x", 422),
                ("heading", "{", 422),
            ],
        ),
        (
            of_comment("edit"),
            vec![
                token,
                ("text", "Mine."),
                ("name", "Ann"),
                ("website", ""),
                ("version", "1"),
            ],
            vec![
                ("text", "", 422),
                ("name", "admin", 422),
                ("website", "x y", 422),
                ("version", "x", 422),
            ],
        ),
        (
            of_comment("status"),
            vec![token, ("to", "spam"), ("tab", "approved"), ("version", "1")],
            vec![("to", "gone", 422), ("tab", "gone", 422), ("version", "x", 422)],
        ),
        (
            of_comment("votes"),
            vec![token, ("tab", "approved"), ("network", "none")],
            vec![("tab", "gone", 422), ("network", "", 422)],
        ),
        (
            of_thread("alias"),
            vec![token, ("alias", "https://blog.example/of-old")],
            vec![("alias", "nonsense", 422)],
        ),
        (
            of_thread("page"),
            vec![token, ("address", PAGE), ("title", "Mine")],
            vec![("address", "nonsense", 422)],
        ),
        (
            of_thread("move"),
            vec![token, ("to", "https://blog.example/of-late")],
            vec![("to", "nonsense", 422)],
        ),
        (
            of_thread("merge"),
            vec![token, ("into", OTHER), ("confirmed", "yes")],
            vec![("into", "nonsense", 422), ("confirmed", "", 200)],
        ),
        (
            of_thread("closed"),
            vec![token, ("closed", "yes")],
            vec![("form_token", "x", 403)],
        ),
        (
            "/admin/logout".to_owned(),
            vec![token],
            vec![("form_token", "x", 403)],
        ),
        (
            "/thread/blog/edit".to_owned(),
            vec![
                proof,
                ("page", PAGE),
                ("id", &comment),
                ("name", "Ann"),
                ("text", "Mine."),
                ("version", "1"),
            ],
            vec![
                ("form_token", "x", 403),
                ("id", "x", 422),
                ("name", "admin", 422),
                ("text", "", 422),
                ("version", "x", 422),
            ],
        ),
        (
            "/thread/blog/delete".to_owned(),
            vec![proof, ("page", PAGE), ("id", &comment)],
            vec![("form_token", "x", 403), ("id", "x", 422), ("id", "", 404)],
        ),
        (
            "/thread/blog/vote".to_owned(),
            vec![proof, ("page", PAGE), ("vote", &vote)],
            vec![("form_token", "x", 403), ("vote", "1", 422), ("vote", "x:1", 422)],
        ),
        (
            "/thread/blog/post".to_owned(),
            vec![
                proof,
                ("page", PAGE),
                ("key", &key),
                ("name", "Ann"),
                ("text", "Second."),
                ("action", "post"),
            ],
            vec![
                ("form_token", "x", 403),
                ("page", "nonsense", 422),
                ("parent", "x", 422),
                ("key", "short", 400),
                ("name", "admin", 422),
                ("email", "x", 422),
                ("website", "x y", 422),
                ("text", "", 422),
                ("action", "preview", 200),
            ],
        ),
    ];
    for (path, fields, wrong) in cases {
        for (name, value, status) in wrong {
            let alone: Fields<'_> = [(name, value)]
                .into_iter()
                .chain(fields.iter().copied().filter(|(field, _)| *field != name))
                .collect();
            let first: Fields<'_> = [(name, value)]
                .into_iter()
                .chain(fields.iter().copied())
                .collect();
            for sent in [alone, first] {
                let browser = if path.starts_with("/admin") {
                    &mut owner
                } else {
                    &mut reader
                };
                let answer = browser.post(&path, &sent);
                assert_eq!(answer.status, status, "{path} {sent:?}: {}", answer.text());
            }
        }
    }
    for (name, value, status) in [
        ("form_token", "x", 403),
        ("name", "nobody", 401),
        ("password", "x", 401),
    ] {
        let sent = [
            (name, value),
            ("form_token", &login),
            ("name", "keeper"),
            ("password", PASSWORD),
        ];
        let answer = Browser::new(&server).post("/admin/login", &sent);
        assert_eq!(answer.status, status, "{name}");
    }
    assert_eq!(
        (
            server.thread(PAGE),
            server.thread(OTHER),
            owner.get("/admin/blog/log").text()
        ),
        before,
        "nothing changed"
    );
    // The control: what follows in the fields above is right.
    let sent = [token, ("to", "spam"), ("tab", "approved"), ("version", "1")];
    assert_eq!(owner.post(&of_comment("status"), &sent).status, 303);
}
