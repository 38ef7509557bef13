//! Refused forms are shown again: with the submitted text, under the error's status, and with `Retry-After`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use afterword::store::StoreError;
use serde_json::json;

use super::{
    browser::{Browser, hidden, sign_in, thread_page},
    support::{
        self,
        server::{PAGE, TestServer, encoded},
    },
};

const PASSWORD: &str = "a long password";

/// The action of a form, its fields, and those that the form shows again; empty: it is a button.
type AdminForm<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

/// Runs `work` while the queue of units of work is full, so that each further unit is refused. Reads continue.
fn with_a_full_queue<T>(server: &TestServer, work: impl FnOnce() -> T) -> T {
    let over = Arc::new(AtomicBool::new(false));
    let (store, ends) = (server.app.store.clone(), Arc::clone(&over));
    server.run(async {
        let wait = move || {
            let (store, over) = (store.clone(), Arc::clone(&ends));
            async move {
                let waits = move |_: &mut dyn afterword::store::Tx| {
                    while !over.load(Ordering::Acquire) {
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    Ok::<_, StoreError>(())
                };
                store.write(waits).await
            }
        };
        // A place that a worker frees by taking a unit is filled again.
        let (refill, ends) = (wait.clone(), Arc::clone(&over));
        tokio::spawn(async move {
            while !ends.load(Ordering::Acquire) {
                for _ in 0..64 {
                    tokio::spawn(refill());
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        let mut refused = 0;
        while refused < 50 {
            let answered = tokio::time::timeout(Duration::from_millis(20), wait()).await;
            refused = match answered {
                Ok(Err(StoreError::Busy(_))) => refused + 1,
                _ => 0,
            };
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let done = work();
    over.store(true, Ordering::Release);
    // Until the waiting units are done and the queue has space.
    for _ in 0..200 {
        if server
            .run(server.app.store.write(|_| Ok::<_, StoreError>(())))
            .is_ok()
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    done
}

#[test]
fn every_refused_admin_form_has_retry_after() {
    let server = TestServer::start();
    server.owner("keeper", PASSWORD);
    let (comment, _) = server.posted(json!({"website": "https://ann.example/"}));
    let other = "https://blog.example/other";
    server.posted(json!({"page": other, "text": "Another page."}));
    let thread = server.thread(PAGE)["thread"]["id"].to_string();
    let mut browser = sign_in(&server, "keeper", PASSWORD);
    let queue = browser.get("/admin/blog/comments?status=approved").text();
    let token = hidden(&queue, "form_token");
    let edit = format!("/admin/blog/comments/{comment}/edit");
    let seen = hidden(&browser.get(&edit).text(), "version");
    let [status, votes] = ["status", "votes"].map(|act| format!("/admin/blog/comments/{comment}/{act}"));
    let [closed, alias, page, moved, merge] =
        ["closed", "alias", "page", "move", "merge"].map(|act| format!("/admin/blog/threads/{thread}/{act}"));
    let forms: Vec<AdminForm<'_>> = vec![
        (
            "/admin/sites",
            vec![("name", "third"), ("origin", "https://third.example")],
            "https://third.example",
        ),
        (
            "/admin/blog/origins",
            vec![("origin", "https://www.blog.example")],
            "https://www.blog.example",
        ),
        (
            "/admin/blog/settings",
            vec![
                ("moderation", "first"),
                ("html_folds", "yes"),
                ("require_name", "yes"),
                ("votes", "up"),
                ("sort", "oldest"),
                ("edit_window", "901"),
                ("max_text", "10000"),
                ("close_after", "0"),
                ("heading", ""),
            ],
            "value=\"901\"",
        ),
        (
            &edit,
            vec![
                ("text", "By the moderator."),
                ("name", "Ann"),
                ("website", ""),
                ("version", &seen),
            ],
            "By the moderator.",
        ),
        (&closed, vec![("closed", "yes")], ""),
        (&closed, vec![("closed", "no")], ""),
        (&alias, vec![("alias", "https://blog.example/of-old")], ""),
        (&page, vec![("address", PAGE), ("title", "Of my own")], ""),
        (&moved, vec![("to", "https://blog.example/of-late")], ""),
        (&merge, vec![("into", other), ("confirmed", "yes")], ""),
        (&votes, vec![("tab", "approved"), ("network", "none")], ""),
        (
            &status,
            vec![("to", "spam"), ("tab", "approved"), ("version", "5")],
            "",
        ),
        ("/admin/logout", vec![], ""),
    ];
    let login = hidden(&Browser::new(&server).get("/admin/login").text(), "form_token");
    let sign_in = [
        ("form_token", login.as_str()),
        ("name", "keeper"),
        ("password", PASSWORD),
    ];
    let refused = with_a_full_queue(&server, || {
        let mut answers = vec![(
            "/admin/login",
            "keeper",
            Browser::new(&server).post("/admin/login", &sign_in),
        )];
        for (path, form, shown) in &forms {
            let sent = [&[("form_token", token.as_str())], form.as_slice()].concat();
            answers.push((path, shown, browser.post(path, &sent)));
        }
        answers
    });
    assert_eq!(refused.len(), forms.len() + 1);
    for (path, shown, answer) in refused {
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, Some("2")),
            "{path}"
        );
        assert!(answer.text().contains(shown), "{path}: {}", answer.text());
    }
    // The control: with space in the queue each of them succeeds.
    for (path, form, _) in &forms {
        let sent = [&[("form_token", token.as_str())], form.as_slice()].concat();
        let answer = browser.post(path, &sent);
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
    }
    assert_eq!(Browser::new(&server).post("/admin/login", &sign_in).status, 303);
}

#[test]
fn a_refused_setup_form_has_retry_after() {
    let server = TestServer::start();
    let link = server
        .run(afterword::service::accounts::setup_link::create(&server.app))
        .unwrap()
        .unwrap();
    let path = format!("/admin/setup/{link}");
    let mut browser = Browser::new(&server);
    let token = hidden(&browser.get(&path).text(), "form_token");
    let form = [
        ("form_token", token.as_str()),
        ("name", "keeper"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let answer = with_a_full_queue(&server, || browser.post(&path, &form));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
    assert!(answer.text().contains("value=\"keeper\""), "{}", answer.text());
    assert_eq!(browser.post(&path, &form).status, 303, "control");
}

#[test]
fn a_refused_reader_form_has_retry_after_and_keeps_its_text() {
    let server = TestServer::start();
    let mut reader = Browser::new(&server);
    let shown = reader.get(&thread_page("")).text();
    let (token, key) = (hidden(&shown, "form_token"), hidden(&shown, "key"));
    let form = [
        ("form_token", token.as_str()),
        ("key", &key),
        ("page", PAGE),
        ("name", "Ann"),
        ("text", "Loose leaf."),
    ];
    let answer = with_a_full_queue(&server, || reader.post("/thread/blog/post", &form));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
    assert!(answer.text().contains("Loose leaf."), "{}", answer.text());
    assert_eq!(reader.post("/thread/blog/post", &form).status, 303, "control");
}

/// The form without JavaScript accepts any text; one beyond its limit is shown again with an error message.
#[test]
fn what_is_too_long_is_refused_in_the_unit_that_is_shown() {
    let server = TestServer::start();
    server.rule("max_text", "1000");
    let family = "👩‍👩‍👧‍👦";
    let mut reader = Browser::new(&server);
    let shown = reader.get(&thread_page("")).text();
    let token = hidden(&shown, "form_token");
    let mut post = |field: &str, value: &str| {
        let mut form = vec![
            ("form_token", token.as_str()),
            ("page", PAGE),
            ("title", "On tea"),
        ];
        let key = support::server::key();
        form.push(("key", &key));
        for (name, usual) in [
            ("name", "Ann"),
            ("email", "ann@mail.example"),
            ("website", ""),
            ("text", "Tea."),
        ] {
            form.push((name, if name == field { value } else { usual }));
        }
        if field == "title" {
            form.retain(|(name, _)| *name != "title");
            form.push(("title", value));
        }
        reader.post("/thread/blog/post", &form)
    };
    let kib = |n: usize| "tea ".repeat(n * 256);
    for (field, value, sentence) in [
        ("name", family.repeat(60), ""),
        ("name", "字".repeat(60), ""),
        ("name", family.repeat(61), "up to 60 characters"),
        ("name", "x".repeat(61), "up to 60 characters"),
        ("name", "x".repeat(5_000), "up to 60 characters"),
        ("text", family.repeat(1_000), ""),
        ("text", family.repeat(1_001), "longer than the 1000 characters"),
        ("text", kib(300), "longer than the 1000 characters"),
        ("text", "ö".repeat(150 * 1024), "longer than the 1000 characters"),
        ("title", family.repeat(300), ""),
        ("title", family.repeat(301), "longer than 300 characters"),
        (
            "website",
            format!("https://ann.example/{}", "x".repeat(600)),
            "more than 512 characters",
        ),
        (
            "website",
            format!("https://ann.example/{}", "é".repeat(90)),
            "more than 512 characters",
        ),
        (
            "email",
            format!("{}@mail.example", "a".repeat(65)),
            "working e-mail address",
        ),
        (
            "email",
            format!("ann@{}.example", "a.".repeat(200)),
            "working e-mail address",
        ),
    ] {
        let answer = post(field, &value);
        let what = format!("{field} of {} bytes", value.len());
        if sentence.is_empty() {
            assert_eq!(answer.status, 303, "{what}: {}", answer.text());
            continue;
        }
        let page = answer.text();
        assert_eq!(answer.status, 422, "{what}");
        assert!(
            page.contains(sentence),
            "{what}: {}",
            &page[..page.len().min(4_000)]
        );
        assert!(page.contains(&value), "{what}: what was written is kept");
    }
    let answer = post("text", &kib(5 * 1024));
    assert_eq!(answer.status, 413);
    let page = answer.text();
    assert!(page.contains("too large") && page.contains("Go back"), "{page}");
}

/// A browser sends a whole form before it reads the response, and shows its own error page if it cannot.
#[test]
fn a_form_of_megabytes_is_read_so_that_the_error_is_shown() {
    use std::io::{Read as _, Write as _};
    let server = TestServer::start();
    let head = "POST /thread/blog/post HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Language: de\r\nSec-Fetch-Site: same-origin\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    for size in [1_200_000, 5_000_000, 12_000_000] {
        let body = format!("text={}", "a".repeat(size));
        let announced = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let chunked = format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        );
        for request in [announced, chunked] {
            let mut stream = std::net::TcpStream::connect(server.address).unwrap();
            stream
                .write_all(request.as_bytes())
                .expect("it is taken to its end");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("the answer is whole");
            assert!(answer.starts_with("HTTP/1.1 413"), "{size}: {answer:.200}");
            assert!(answer.contains("steht noch im Formular"), "{size}: {answer}");
        }
    }
    // A client that sends `Expect` need not send the body.
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    let asks = format!("{head}Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n");
    stream.write_all(asks.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer:.200}");
}

#[test]
fn forms_about_threads_are_refused_whole_and_lists_lead_to_each_thread() {
    let server = TestServer::start();
    server.owner("keeper", PASSWORD);
    let other = "https://blog.example/other";
    server.posted(json!({"text": "Of the address."}));
    server.posted(json!({"page_id": "a tea", "text": "Of the page id."}));
    server.posted(json!({"page": other, "text": "Of the other page."}));
    let thread = server.thread(PAGE)["thread"]["id"].to_string();
    let mut browser = sign_in(&server, "keeper", PASSWORD);
    let list = browser.get("/admin/blog/threads").text();
    let token = hidden(&list, "form_token");
    let queue = browser.get("/admin/blog/comments?status=approved").text();
    for page in [&list, &queue] {
        let mark = format!("/thread/blog?page={}&amp;page_id=a+tea\"", encoded(PAGE));
        assert_eq!(page.matches(&mark).count(), 1, "{mark}: {page}");
    }
    let behind = browser
        .get(&format!("/thread/blog?page={}&page_id=a+tea", encoded(PAGE)))
        .text();
    assert!(
        behind.contains("Of the page id.") && !behind.contains("Of the address."),
        "{behind}"
    );

    let of = |id: &str, act: &str| format!("/admin/blog/threads/{id}/{act}");
    let state = || (server.thread(PAGE), server.thread(other));
    let before = state();
    let confirmed = ("confirmed", "yes");
    for (id, act, fields, status, sentence) in [
        (
            thread.as_str(),
            "merge",
            vec![("into", PAGE), confirmed],
            404,
            "no other thread under this address",
        ),
        (
            &thread,
            "merge",
            vec![("into", "https://notes.example/x"), confirmed],
            404,
            "no other thread",
        ),
        (
            &thread,
            "merge",
            vec![("into", "https://blog.example/none")],
            404,
            "no other thread",
        ),
        (
            &thread,
            "merge",
            vec![("into", "tea"), confirmed],
            422,
            "absolute http or https address",
        ),
        (
            &thread,
            "merge",
            vec![("into", "id: "), confirmed],
            422,
            "absolute http or https address",
        ),
        (
            "77",
            "merge",
            vec![("into", PAGE), confirmed],
            404,
            "This thread is gone",
        ),
        (
            &thread,
            "move",
            vec![("to", other)],
            409,
            "Both pages have a thread",
        ),
        (
            &thread,
            "move",
            vec![("to", "https://notes.example/x")],
            403,
            "not registered for this site",
        ),
        (
            &thread,
            "move",
            vec![("to", "")],
            422,
            "absolute http or https address",
        ),
        (
            "77",
            "move",
            vec![("to", "https://blog.example/new")],
            404,
            "This thread is gone",
        ),
        (
            &thread,
            "page",
            vec![("address", other), ("title", "x")],
            409,
            "Another thread is found",
        ),
        (
            &thread,
            "page",
            vec![("address", "https://notes.example/x"), ("title", "x")],
            403,
            "not registered",
        ),
        (
            "77",
            "page",
            vec![("address", PAGE), ("title", "x")],
            404,
            "This thread is gone",
        ),
        (
            &thread,
            "alias",
            vec![("alias", other)],
            409,
            "Another thread is found",
        ),
        (
            &thread,
            "alias",
            vec![("alias", "id:a tea")],
            409,
            "Another thread is found",
        ),
        (
            "77",
            "alias",
            vec![("alias", "https://blog.example/new")],
            404,
            "This thread is gone",
        ),
        (
            "77",
            "closed",
            vec![("closed", "yes")],
            404,
            "This thread is gone",
        ),
        (
            "tea",
            "closed",
            vec![("closed", "yes")],
            404,
            "nothing at this address",
        ),
    ] {
        let sent = [&[("form_token", token.as_str())], fields.as_slice()].concat();
        let answer = browser.post(&of(id, act), &sent);
        let text = answer.text();
        assert_eq!(answer.status, status, "{act} of {id} {fields:?}: {text}");
        assert!(text.contains(sentence), "{act} of {id} {fields:?}: {text}");
        server.clock.advance(1_500);
        assert_eq!(state(), before, "{act} of {id} {fields:?}");
    }
    // Two moderators who both saw the confirmation merge once.
    let sent = [("form_token", token.as_str()), ("into", other), confirmed];
    let mut second = sign_in(&server, "keeper", PASSWORD);
    let theirs = hidden(&second.get("/admin/blog/threads").text(), "form_token");
    let late = [("form_token", theirs.as_str()), ("into", other), confirmed];
    assert_eq!(browser.post(&of(&thread, "merge"), &sent).status, 303);
    let refused = second.post(&of(&thread, "merge"), &late);
    assert_eq!(refused.status, 404);
    assert!(
        refused.text().contains("merged into another"),
        "{}",
        refused.text()
    );
    server.clock.advance(1_500);
    assert_eq!(server.thread(PAGE)["thread"]["count"], 2);
}
