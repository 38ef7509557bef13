//! Access by role: page × role, each cell asserted.

use afterword::app::secret::Purpose;

use super::{fixture::Fixture, support::server::PAGE};

/// The rules as in the form, which is sent whole.
const SETTINGS: &[(&str, &str)] = &[
    ("moderation", "none"),
    ("votes", "both"),
    ("sort", "oldest"),
    ("edit_window", "900"),
    ("max_text", "10000"),
    ("close_after", "0"),
    ("heading", ""),
];

#[test]
fn a_role_has_access_to_its_own_pages_only() {
    let fixture = Fixture::new();
    let thread = fixture.server.thread(PAGE)["thread"]["id"].as_i64().unwrap();
    let (comments, threads) = (
        format!("/admin/blog/comments/{}", fixture.first),
        format!("/admin/blog/threads/{thread}"),
    );
    let (edit, status, closed, alias) = (
        format!("{comments}/edit"),
        format!("{comments}/status"),
        format!("{threads}/closed"),
        format!("{threads}/alias"),
    );
    // The allowed roles: all signed-in users, or owners. The fields make the form valid.
    let gets = [
        ("/admin/blog/comments", false),
        ("/admin/blog/threads", false),
        ("/admin/blog/log", false),
        (edit.as_str(), false),
        ("/admin/sites", true),
        ("/admin/blog/settings", true),
        ("/admin/shop/settings", true),
    ];
    type Fields<'a> = &'a [(&'a str, &'a str)];
    let posts: [(&str, bool, Fields); 7] = [
        (
            &status,
            false,
            &[("to", "approved"), ("version", "1"), ("tab", "approved")],
        ),
        (
            &edit,
            false,
            &[
                ("text", "By a moderator."),
                ("name", "Ann"),
                ("website", ""),
                ("version", "1"),
            ],
        ),
        (&closed, false, &[("closed", "no")]),
        (&alias, true, &[("alias", "https://blog.example/tea-of-old")]),
        ("/admin/blog/settings", true, SETTINGS),
        (
            "/admin/blog/origins",
            true,
            &[
                ("origin", "https://www.blog.example"),
                ("action", "add"),
                ("add", "https://www.blog.example"),
            ],
        ),
        (
            "/admin/sites",
            true,
            &[
                ("name", "third"),
                ("origins", "https://third.example"),
                ("origin", "https://third.example"),
            ],
        ),
    ];
    let who = [
        ("nobody", String::new()),
        ("moderator", fixture.moderator.clone()),
        ("owner", fixture.owner.clone()),
        ("a session that never was", "A".repeat(43)),
    ];
    let (mut cells, mut open) = (0, 0);
    for (name, session) in &who {
        let known = matches!(*name, "moderator" | "owner");
        for (path, owners) in gets {
            let expected = if *name == "owner" || known && !owners {
                200
            } else if known {
                404
            } else {
                303
            };
            assert_eq!(fixture.page(path, session), expected, "GET {path} by {name}");
            cells += 1;
            open += usize::from(expected == 200);
        }
        for (path, owners, fields) in posts {
            let token = fixture.server.app.secret.token(Purpose::AdminForm, &[session]);
            let mut all = vec![("form_token", token.as_str())];
            all.extend(fields);
            let answer = fixture.form(path, &format!("afterword-session={session}"), &all);
            let expected = if *name == "owner" || known && !owners {
                303
            } else if known {
                404
            } else {
                403
            };
            assert_eq!(
                answer.status,
                expected,
                "POST {path} by {name}: {}",
                answer.text()
            );
            cells += 1;
            open += usize::from(expected == 303);
        }
    }
    assert_eq!(
        open,
        14 + 7,
        "control: all pages for the owner, the moderators' for the moderator"
    );
    println!("{cells} cells of page and role, {open} open");
}
