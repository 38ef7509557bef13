//! Lifetime of tokens: token × age, each cell asserted.

use afterword::{
    app::secret::Purpose,
    model::time::{DAY, HOUR, SECOND},
    service::{
        accounts::{manage, setup_link},
        audit::Actor,
        sites::register,
    },
};

use super::{
    fixture::{Fixture, sign_in},
    support::{http::send, server::TestServer},
};

const MINUTE: i64 = 60 * SECOND;

#[test]
fn an_expired_token_grants_nothing() {
    let fixture = Fixture::new();
    let (server, right) = (&fixture.server, fixture.tokens()[0].1.clone());
    let window = server.run(register::all(&server.app)).unwrap()[0]
        .rules
        .edit_window
        * 1_000;
    let began = server.clock.now();
    let mut cells = 0;
    let mut cell = |what: &str, opened: bool, expected: bool| {
        assert_eq!(opened, expected, "{what}");
        cells += 1;
    };
    server.clock.advance(window - MINUTE);
    cell(
        "edit token, just before its end",
        fixture.opens("PATCH comment", &right),
        true,
    );
    server.clock.advance(2 * MINUTE);
    cell(
        "edit token, just after",
        fixture.opens("PATCH comment", &right),
        false,
    );
    let gone = fixture.api(
        "DELETE",
        "blog",
        "https://blog.example",
        &format!("comments/{}", fixture.first),
        &right,
        "",
    );
    cell("edit token, deleting after its end", gone.status < 400, false);

    // Sessions: three days without use, thirty days at most.
    let owner = "session, owners' page";
    let since = server.clock.now().since(began);
    server.clock.advance(3 * DAY - since - MINUTE);
    cell(
        "session, unused for almost three days",
        fixture.opens(owner, &fixture.owner),
        true,
    );
    cell(
        "session of the other, likewise",
        fixture.opens("session, moderators' page", &fixture.moderator),
        true,
    );
    server.clock.advance(3 * DAY + MINUTE);
    cell(
        "session, unused for three days",
        fixture.opens(owner, &fixture.owner),
        false,
    );
    let daily = sign_in(server, "owner");
    for day in 1..30 {
        server.clock.advance(DAY);
        cell(
            &format!("session, used daily, day {day}"),
            fixture.opens(owner, &daily),
            true,
        );
    }
    server.clock.advance(DAY + MINUTE);
    cell("session, used daily, day 30", fixture.opens(owner, &daily), false);

    // Ended by signing out, and by a new password.
    let (one, two) = (sign_in(server, "owner"), sign_in(server, "owner"));
    let form = server.app.secret.token(Purpose::AdminForm, &[&one]);
    let out = fixture.form(
        "/admin/logout",
        &format!("afterword-session={one}"),
        &[("form_token", &form)],
    );
    assert_eq!(out.status, 303);
    cell("session, signed out", fixture.opens(owner, &one), false);
    cell(
        "form of a session that was signed out",
        fixture
            .form(
                "/admin/logout",
                &format!("afterword-session={one}"),
                &[("form_token", &form)],
            )
            .status
            < 400,
        false,
    );
    cell(
        "another session of the same person",
        fixture.opens(owner, &two),
        true,
    );
    let (actor, password) = (Actor::command_line(), "another horse battery staple");
    server
        .run(manage::set_password(&server.app, &actor, "owner", password))
        .unwrap();
    cell(
        "session, before a new password",
        fixture.opens(owner, &two),
        false,
    );
    println!("{cells} cells of age");
}

#[test]
fn a_setup_link_works_once_for_an_hour_and_only_without_an_owner() {
    let server = TestServer::start();
    let app = &server.app;
    let link = || server.run(setup_link::create(app)).unwrap();
    let works =
        |token: &str| send(server.address, "GET", &format!("/admin/setup/{token}"), &[], b"").status == 200;
    let earlier = link().unwrap();
    let token = link().unwrap();
    assert!(
        works(&token) && !works(&earlier),
        "a newer link ends the earlier one"
    );
    server.clock.advance(HOUR - MINUTE);
    assert!(works(&token), "control: almost an hour old");
    server.clock.advance(2 * MINUTE);
    assert!(!works(&token), "an hour old");
    let token = link().unwrap();
    let form = app.secret.token(Purpose::AdminForm, &["login"]);
    let body = format!(
        "form_token={form}&name=owner&password=correct+horse+battery+staple&password_again=correct+horse+battery+staple"
    );
    let set_up = |token: &str, site: &str| {
        let headers = [
            ("Sec-Fetch-Site", site),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        send(
            server.address,
            "POST",
            &format!("/admin/setup/{token}"),
            &headers,
            body.as_bytes(),
        )
        .status
    };
    assert_eq!(set_up(&token, "cross-site"), 403);
    assert_ne!(set_up("A".repeat(22).as_str(), "same-origin"), 303);
    assert_eq!(set_up(&token, "same-origin"), 303);
    assert!(!works(&token), "used");
    assert_ne!(set_up(&token, "same-origin"), 303, "used");
    assert_eq!(link(), None, "there is an owner");
}
