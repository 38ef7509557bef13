//! Attacks on sign-in: guessing passwords, and locking owners out.

use std::time::{Duration, Instant};

use afterword::{
    app::secret::Purpose,
    config::{Action, RateLimit},
    service::accounts::setup_link,
};

use super::support::{
    http::{Answer, send},
    server::TestServer,
};

const PASSWORD: &str = "correct horse battery staple";
const HOME: &str = "198.51.100.7";

/// Behind a proxy, with the default limits.
fn server() -> TestServer {
    let server = TestServer::configured(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.limits = Action::ALL.map(Action::default_limit);
        // The target is the sign-in, not the machine's capacity.
        config.limits[Action::Read as usize] = RateLimit::default();
    });
    server.owner("ann", PASSWORD);
    server.owner("bea", PASSWORD);
    server
}

/// A browser in some network, with its cookie for known devices.
struct Browser<'a> {
    server: &'a TestServer,
    from: String,
    devices: String,
}

impl<'a> Browser<'a> {
    fn at(server: &'a TestServer, from: &str) -> Self {
        Self {
            server,
            from: from.to_owned(),
            devices: String::new(),
        }
    }

    fn send(&self, path: &str, site: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.server.app.secret.token(Purpose::AdminForm, &["login"]);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("form_token", &token)
            .extend_pairs(fields)
            .finish();
        let cookie = format!("afterword-device={}", self.devices);
        let headers = [
            ("X-Forwarded-For", self.from.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", site),
            ("Cookie", &cookie),
        ];
        send(self.server.address, "POST", path, &headers, body.as_bytes())
    }

    fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let answer = self.send(
            "/admin/login",
            "same-origin",
            &[("name", name), ("password", password)],
        );
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        let cookies = answer
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        for (_, line) in cookies {
            let pair = line.split(';').next().unwrap();
            if let Some(value) = pair.strip_prefix("afterword-device=") {
                self.devices = value.to_owned();
            }
        }
    }
}

/// A known device of Ann's, in her home network.
fn known(server: &TestServer) -> Browser<'_> {
    let mut desk = Browser::at(server, HOME);
    assert_eq!(desk.sign_in("ann", PASSWORD).status, 303);
    desk
}

fn wait(answer: &Answer) -> i64 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[test]
fn guesses_from_home_are_delayed_and_the_owners_device_is_not() {
    let server = server();
    let mut desk = known(&server);
    let mut guest = Browser::at(&server, HOME);
    for _ in 0..5 {
        assert_eq!(guest.sign_in("ann", "a wrong password").status, 401);
    }
    let refused = guest.sign_in("ann", "a wrong password");
    assert_eq!(wait(&refused), 5);
    assert!(
        refused
            .text()
            .contains("Too many attempts. Try again in 5 seconds."),
        "{}",
        refused.text()
    );
    assert_eq!(
        wait(&guest.sign_in("ann", PASSWORD)),
        5,
        "control: on a device that is not known, the right password waits, too"
    );
    assert_eq!(desk.sign_in("ann", PASSWORD).status, 303);
    // A whole night of attempts.
    let (mut tried, mut now) = (5, 0);
    while now < 8 * 3_600 {
        match guest.sign_in("ann", "a wrong password") {
            answer if answer.status == 429 => {
                let seconds = wait(&answer);
                assert!(seconds <= 900);
                server.clock.advance(seconds * 1_000);
                now += seconds;
            }
            answer => {
                assert_eq!(answer.status, 401);
                tried += 1;
            }
        }
    }
    assert!((20..60).contains(&tried), "{tried} guesses");
    assert_eq!(desk.sign_in("ann", PASSWORD).status, 303);
    // A new device at home waits at most a quarter of an hour, one elsewhere not at all.
    assert_eq!(guest.sign_in("ann", "a wrong password").status, 401);
    let seconds = wait(&guest.sign_in("ann", PASSWORD));
    assert_eq!(
        Browser::at(&server, "192.0.2.99").sign_in("ann", PASSWORD).status,
        303
    );
    server.clock.advance(seconds * 1_000);
    assert_eq!(guest.sign_in("ann", PASSWORD).status, 303);
}

#[test]
fn floods_of_a_48_setup_links_and_other_pages_lock_nobody_out() {
    let server = server();
    let mut desk = known(&server);
    let began = Instant::now();
    std::thread::scope(|scope| {
        // One /48: more attempts in a few seconds than the former global limit per minute, with many names.
        let flood = |part: usize| {
            for n in 0..60 {
                let n = part * 60 + n;
                let mut stranger = Browser::at(&server, &format!("2001:db8:48:{:x}::1", n * 256));
                let name = if n.is_multiple_of(2) {
                    "ann".to_owned()
                } else {
                    format!("name {n}")
                };
                let status = stranger.sign_in(&name, "a wrong password").status;
                assert!(matches!(status, 401 | 429 | 503), "{status}");
            }
        };
        let workers: Vec<_> = (0..4).map(|part| scope.spawn(move || flood(part))).collect();
        for n in 0..40 {
            // Images and forms of other sites, in a browser of the home network.
            let at_home = [("X-Forwarded-For", HOME), ("Sec-Fetch-Site", "cross-site")];
            for path in ["/admin/setup/x", "/admin/login", "/admin"] {
                let status = send(server.address, "GET", path, &at_home, b"").status;
                assert!(status != 429, "{path}");
            }
            let visitor = Browser::at(&server, HOME);
            let fields = [("name", "ann"), ("password", "a wrong password")];
            assert_eq!(visitor.send("/admin/login", "cross-site", &fields).status, 403);
            let link = visitor.send("/admin/setup/x", "same-origin", &fields);
            assert!(link.status != 429, "{}", link.status);
            if n % 10 == 0 {
                assert_eq!(desk.sign_in("ann", PASSWORD).status, 303, "a known device");
                let mut new = Browser::at(&server, &format!("203.0.113.{n}"));
                assert_eq!(new.sign_in("ann", PASSWORD).status, 303, "a new one elsewhere");
            }
        }
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
    assert!(began.elapsed() < Duration::from_secs(120));
    assert_eq!(Browser::at(&server, HOME).sign_in("ann", PASSWORD).status, 303);
    let mut of_the_48 = Browser::at(&server, "2001:db8:48:ffff::1");
    assert_eq!(
        of_the_48.sign_in("bea", PASSWORD).status,
        429,
        "control: who sends the flood waits"
    );
}

#[test]
fn control_a_global_limit_locks_owners_out() {
    let server = TestServer::configured(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.limits[Action::Login as usize] = RateLimit::parse("address=10/1m global=20/1m").unwrap();
    });
    server.owner("ann", PASSWORD);
    let mut desk = known(&server);
    for n in 0..30 {
        Browser::at(&server, &format!("192.0.2.{n}")).sign_in("nobody", "a wrong password");
    }
    let mut new = Browser::at(&server, "203.0.113.9");
    assert!(wait(&new.sign_in("ann", PASSWORD)) <= 60, "control");
    assert_eq!(desk.sign_in("ann", PASSWORD).status, 303, "but no known device");
}

#[test]
fn unknown_names_are_delayed_like_known_ones() {
    let answers = |name: &str| {
        let server = server();
        let mut stranger = Browser::at(&server, "203.0.113.1");
        (0..9)
            .map(|n| {
                let answer = stranger.sign_in(name, "a wrong password");
                server.clock.advance(if n > 5 { 7_000 } else { 0 });
                let retry = answer.header("retry-after").map(str::to_owned);
                let text = answer.text().replace(&format!("value=\"{name}\""), "value=\"\"");
                let text = text.replace(&server.address.to_string(), "");
                (answer.status, retry, text)
            })
            .collect::<Vec<_>>()
    };
    let (ann, nobody) = (answers("ann"), answers("zed"));
    assert_eq!(ann.iter().filter(|(status, ..)| *status == 429).count(), 3);
    assert_eq!(ann, nobody);
}

#[test]
fn a_device_cookie_is_bound_to_account_and_password() {
    let server = server();
    let desk = known(&server);
    // A second account in the same browser stays known, too.
    let mut shared = known(&server);
    assert_eq!(shared.sign_in("bea", PASSWORD).status, 303);
    let far = "203.0.113.50";
    let lock = |name: &str| {
        let mut guest = Browser::at(&server, far);
        while guest.sign_in(name, "a wrong password").status != 429 {}
    };
    lock("ann");
    server.clock.advance(60_000);
    lock("bea");
    lock("ann");
    let status = |devices: &str, name: &str| {
        let mut browser = Browser::at(&server, far);
        browser.devices = devices.to_owned();
        browser.sign_in(name, PASSWORD).status
    };
    assert_eq!(status(&shared.devices, "ann"), 303);
    lock("ann");
    assert_eq!(status(&shared.devices, "bea"), 303);
    lock("bea");
    assert_eq!(status(&desk.devices, "bea"), 429, "another's account");
    let (head, proof) = desk.devices.rsplit_once('.').unwrap();
    let mut parts = head.split('.');
    let (id, device, at) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    for forged in [
        String::new(),
        "~".repeat(5_000),
        format!("{head}.{}", "A".repeat(43)),
        format!("{id}.{}.{at}.{proof}", "A".repeat(22)),
        format!("{id}.{device}.{}.{proof}", at.parse::<i64>().unwrap() + 1),
        format!("{id}.{device}.-9223372036854775808.{proof}"),
        format!("{}~{}", "x.y.1.z~".repeat(4), desk.devices),
    ] {
        assert_eq!(status(&forged, "ann"), 429, "{forged:.60}");
    }
    assert_eq!(
        status(&desk.devices, "ann"),
        303,
        "control: it is the proof that counts"
    );
    lock("ann");
    server.clock.advance(400 * 86_400_000 + 1);
    lock("ann");
    assert_eq!(status(&desk.devices, "ann"), 429, "after 400 days");
    // A new password invalidates them, even if it is the same.
    let desk = {
        let mut desk = Browser::at(&server, HOME);
        assert_eq!(desk.sign_in("ann", PASSWORD).status, 303);
        desk
    };
    assert_eq!(status(&desk.devices, "ann"), 303, "control");
    lock("ann");
    server
        .run(afterword::service::accounts::manage::set_password(
            &server.app,
            &afterword::service::audit::Actor::command_line(),
            "ann",
            PASSWORD,
        ))
        .unwrap();
    assert_eq!(status(&desk.devices, "ann"), 429);
}

#[test]
fn guesses_on_a_known_device_delay_only_that_device() {
    let server = server();
    let (mut desk, mut phone) = (known(&server), known(&server));
    for _ in 0..5 {
        assert_eq!(desk.sign_in("ann", "a wrong password").status, 401);
    }
    assert_eq!(wait(&desk.sign_in("ann", PASSWORD)), 5);
    assert_eq!(phone.sign_in("ann", PASSWORD).status, 303);
    server.clock.advance(5_000);
    assert_eq!(desk.sign_in("ann", PASSWORD).status, 303);
    assert_eq!(
        desk.sign_in("ann", "a wrong password").status,
        401,
        "counted from none"
    );
}

#[test]
fn a_setup_link_works_during_a_sign_in_flood() {
    let server = TestServer::configured(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.limits[Action::Login as usize] = Action::Login.default_limit();
    });
    let link = server.run(setup_link::create(&server.app)).unwrap().unwrap();
    let mut guest = Browser::at(&server, HOME);
    while guest.sign_in("ann", "a wrong password").status != 429 {}
    let mut first = Browser::at(&server, HOME);
    let fields = [
        ("name", "ann"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let done = first.send(&format!("/admin/setup/{link}"), "same-origin", &fields);
    assert_eq!(done.status, 303, "{}", done.text());
    first.keep(&done);
    let line = done
        .headers
        .iter()
        .map(|(_, line)| line.as_str())
        .find(|line| line.starts_with("afterword-device="))
        .unwrap();
    assert!(
        line.contains("HttpOnly") && line.contains("SameSite=Strict") && line.contains("Max-Age=34560000"),
        "{line}"
    );
    assert_eq!(first.sign_in("ann", PASSWORD).status, 303, "known from then on");
}
