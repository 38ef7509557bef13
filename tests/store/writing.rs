//! Rows read back equal to what was written, and belong to one site.

use super::support;
use super::support::TestStore;
use super::support::make::{NOW, SITE, THREAD, blog, comment, details_of, put, set_status, stored};
use afterword::model::account::{Account, Role};
use afterword::model::comment::{Comment, Status};
use afterword::model::id::{AccountId, CommentId, SiteId, ThreadId};
use afterword::model::moderation_log::{Before, LogEntry, ModerationAction};
use afterword::model::page::Origin;
use afterword::model::site::{Heading, Moderation, Rules, Sort, Votes};
use afterword::model::text::SiteName;
use afterword::model::thread::Thread;
use afterword::model::time::Millis;
use afterword::store::{
    StoreError,
    tables::{
        account_roles, accounts, comments, details, identities, moderation_log, sessions, setup_links, sites,
        threads,
    },
};

pub(crate) async fn a_comment_reads_back_as_it_was_written(test: &TestStore) {
    blog(&test.store).await;
    let written = comment(100, 0, 0, Status::Approved);
    put(&test.store, vec![written.clone()]).await;
    assert_eq!(
        format!("{:?}", stored(&test.store, 100).await),
        format!("{:?}", Comment::from(written))
    );
}

pub(crate) async fn threads_of_a_site_are_listed_in_pages(test: &TestStore) {
    blog(&test.store).await;
    let (found, keys) = test
        .store
        .write(|tx| {
            sites::add(tx, SiteId(2), &SiteName::parse("other").unwrap(), NOW)?;
            for id in [40, 20, 30] {
                let thread = support::make::thread(ThreadId(id));
                threads::add(tx, &thread, &format!("//blog.example/{id}"))?;
            }
            let foreign = Thread {
                site_id: SiteId(2),
                ..support::make::thread(ThreadId(25))
            };
            threads::add(tx, &foreign, "//blog.example/25")?;
            threads::add_key(tx, SITE, "id:twenty", ThreadId(20))?;
            let mut found = Vec::new();
            for after in [0, 20, 40] {
                let part = threads::after(tx, SITE, after, 2)?;
                found.push(part.iter().map(|thread| thread.id.0).collect::<Vec<_>>());
            }
            let keys = threads::keys(tx, SITE, ThreadId(20))?;
            Ok::<_, StoreError>((found, keys))
        })
        .await
        .unwrap();
    assert_eq!(found, [vec![10, 20], vec![30, 40], vec![]]);
    assert_eq!(keys.len(), 2, "{keys:?}");
}

pub(crate) async fn a_site_reads_back_as_it_was_written(test: &TestStore) {
    blog(&test.store).await;
    let rules = Rules {
        moderation: Moderation::First,
        require_name: false,
        require_email: true,
        votes: Votes::Up,
        sort: Sort::Best,
        edit_window: 60,
        max_text: 500,
        close_after: 30,
        heading: Heading::parse("one=Ein Gedanke|other={count} Gedanken").unwrap(),
        html_folds: false,
    };
    let wanted = rules.clone();
    let site = test
        .store
        .write(move |tx| {
            sites::set_rules(tx, SITE, &rules)?;
            sites::add_origin(
                tx,
                SITE,
                &Origin::parse("http://localhost:1313").unwrap(),
                NOW.plus(1),
            )?;
            sites::by_name(tx, "blog")
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(site.rules, wanted);
    let origins: Vec<&str> = site.origins.iter().map(Origin::as_str).collect();
    assert_eq!(origins, ["https://blog.example", "http://localhost:1313"]);
    let again = test
        .store
        .write(|tx| sites::add(tx, SiteId(2), &SiteName::parse("blog").unwrap(), NOW))
        .await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

pub(crate) async fn details_read_back_as_they_were_written(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let found = test
        .store
        .read(|tx| details::of(tx, SITE, CommentId(100)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(format!("{found:?}"), format!("{:?}", details_of("source")));
}

pub(crate) async fn a_thread_is_found_by_each_of_its_keys(test: &TestStore) {
    blog(&test.store).await;
    let found = test
        .store
        .write(|tx| {
            assert!(threads::add_key(tx, SITE, "id:tea", THREAD)?);
            let keys = threads::keys(tx, SITE, THREAD)?;
            Ok::<_, StoreError>((
                keys,
                threads::by_key(tx, SITE, "id:tea")?,
                threads::by_key(tx, SITE, "id:coffee")?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(found.0, ["//blog.example/tea", "id:tea"]);
    assert_eq!(found.1.unwrap().id, THREAD);
    assert!(found.2.is_none());
}

pub(crate) async fn two_threads_cannot_have_one_key(test: &TestStore) {
    blog(&test.store).await;
    let second = support::make::thread(ThreadId(11));
    let (got, newest) = test
        .store
        .write(move |tx| {
            Ok::<_, StoreError>((
                threads::add(tx, &second, "//blog.example/tea")?,
                threads::newest(tx, SITE, 10)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(got.id, THREAD, "the thread that was there first is answered");
    assert_eq!(newest.len(), 1, "and the second is not kept");
}

pub(crate) async fn an_author_is_known_by_an_approved_comment(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Held)]).await;
    let known = || test.store.read(|tx| details::author_is_known(tx, SITE, "author"));
    assert!(!known().await.unwrap());
    set_status(&test.store, 1, Status::Approved).await;
    assert!(known().await.unwrap());
    assert!(
        !test
            .store
            .read(|tx| details::author_is_known(tx, SITE, "stranger"))
            .await
            .unwrap()
    );
}

pub(crate) async fn comments_of_a_site_are_listed_by_status(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        (1..=9)
            .map(|id| {
                comment(
                    id,
                    0,
                    0,
                    if id % 2 == 0 {
                        Status::Held
                    } else {
                        Status::Approved
                    },
                )
            })
            .collect(),
    )
    .await;
    let found = test
        .store
        .read(|tx| {
            let first = comments::by_status(tx, SITE, Status::Held, i64::MAX, 3)?;
            let next = comments::by_status(tx, SITE, Status::Held, first.last().unwrap().id.0, 3)?;
            Ok::<_, StoreError>((
                first,
                next,
                comments::count_status(tx, SITE, Status::Held, 100)?,
                comments::count_status(tx, SITE, Status::Held, 2)?,
            ))
        })
        .await
        .unwrap();
    let ids = |page: &[afterword::model::comment::Comment]| {
        page.iter().map(|comment| comment.id.0).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&found.0), ids(&found.1), found.2, found.3),
        (vec![8, 6, 4], vec![2], 4, 2)
    );
}

pub(crate) async fn sites_do_not_see_each_other(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let other = SiteId(2);
    let found = test
        .store
        .write(move |tx| {
            sites::add(tx, other, &SiteName::parse("other").unwrap(), NOW)?;
            Ok::<_, StoreError>((
                comments::by_id(tx, other, CommentId(1))?.is_none(),
                comments::by_status(tx, other, Status::Approved, i64::MAX, 10)?.is_empty(),
                threads::by_key(tx, other, "//blog.example/tea")?.is_none(),
                details::of(tx, other, CommentId(1))?.is_none(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(found, (true, true, true, true));
}

pub(crate) async fn accounts_sessions_and_setup_links(test: &TestStore) {
    test.store
        .write(|tx| {
            assert!(!account_roles::has_owner(tx)?);
            let ann = Account::new(AccountId(1), "ann".into(), Role::Owner);
            accounts::add(tx, &ann, "hash", NOW)?;
            assert!(account_roles::has_owner(tx)?);
            assert_eq!(accounts::by_name(tx, "ann")?.unwrap().name, "ann");
            assert_eq!(identities::password_hash(tx, ann.id)?.unwrap(), "hash");
            sessions::add(tx, "cookie", ann.id, NOW)?;
            assert_eq!(
                accounts::by_session(tx, "cookie", NOW.plus(-1), NOW, NOW.plus(-1))?
                    .unwrap()
                    .0
                    .name,
                "ann"
            );
            assert!(
                accounts::by_session(tx, "cookie", NOW, NOW, NOW.plus(-1))?.is_none(),
                "begun too long ago"
            );
            assert!(
                accounts::by_session(tx, "cookie", NOW.plus(-1), NOW, NOW)?.is_none(),
                "seen too long ago"
            );
            assert_eq!(accounts::set_password(tx, ann.id, "other", NOW)?, 1);
            assert_eq!(
                identities::password_hash(tx, ann.id)?.unwrap(),
                "other",
                "one password, not two"
            );
            assert!(
                accounts::by_session(tx, "cookie", Millis(0), NOW, Millis(0))?.is_none(),
                "a new password ends sessions"
            );
            setup_links::add(tx, "first", NOW)?;
            setup_links::add(tx, "second", NOW)?;
            assert!(
                !setup_links::works(tx, "first", Millis(0), NOW)?,
                "a new link ends the old one"
            );
            assert!(setup_links::works(tx, "second", NOW.plus(-1), NOW)?);
            assert!(!setup_links::works(tx, "second", NOW, NOW)?, "too old");
            let early = NOW.plus(-1);
            assert!(
                !setup_links::works(tx, "second", Millis(0), early)?,
                "of the future"
            );
            assert!(accounts::by_session(tx, "none", Millis(0), early, Millis(0))?.is_none());
            assert!(setup_links::redeem(tx, "second")?);
            assert!(!setup_links::redeem(tx, "second")?, "used once");
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

pub(crate) async fn roles_are_replaced_and_go_with_their_account(test: &TestStore) {
    test.store
        .write(|tx| {
            let named = |id, name: &str, role| Account::new(AccountId(id), name.into(), role);
            let ann = named(1, "ann", Role::Owner);
            accounts::add(tx, &ann, "a", NOW)?;
            accounts::add(tx, &named(2, "bert", Role::Moderator), "b", NOW)?;
            assert_eq!(account_roles::owners(tx)?, 1);
            account_roles::set(tx, AccountId(2), Role::Owner)?;
            assert_eq!(account_roles::owners(tx)?, 2, "a role is replaced, not added");
            account_roles::set(tx, AccountId(2), Role::Moderator)?;
            for site in [None, Some(SITE)] {
                let bert = accounts::by_name(tx, "bert")?.unwrap();
                assert_eq!(bert.role_on(site), Role::Moderator);
            }
            sessions::add(tx, "cookie", ann.id, NOW)?;
            assert_eq!(accounts::remove(tx, ann.id)?, 1, "a session ended");
            assert!(accounts::by_name(tx, "ann")?.is_none());
            assert!(identities::password_hash(tx, ann.id)?.is_none());
            assert!(!account_roles::has_owner(tx)?);
            let left: Vec<_> = accounts::all(tx)?
                .into_iter()
                .map(|account| account.name)
                .collect();
            assert_eq!(left, ["bert"]);
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let taken = test
        .store
        .write(|tx| {
            let other = Account::new(AccountId(3), "bert".into(), Role::Owner);
            accounts::add(tx, &other, "c", NOW)
        })
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

pub(crate) async fn the_log_keeps_what_was_done(test: &TestStore) {
    blog(&test.store).await;
    let log = test
        .store
        .write(|tx| {
            for (id, action) in [(1, "approved"), (2, "spam")] {
                let entry = LogEntry {
                    id,
                    comment: Some(CommentId(5)),
                    actor: "ann".into(),
                    act: ModerationAction::parse(action).unwrap(),
                    before: Before::Status(Status::Held),
                    target: format!("target {id}"),
                    created_at: NOW,
                };
                moderation_log::add(tx, SITE, &entry)?;
            }
            moderation_log::newest(tx, SITE, 10)
        })
        .await
        .unwrap();
    assert_eq!(
        log.iter()
            .map(|entry| (entry.act, entry.target.as_str(), entry.comment))
            .collect::<Vec<_>>(),
        [
            (ModerationAction::Spam, "target 2", Some(CommentId(5))),
            (ModerationAction::Approved, "target 1", Some(CommentId(5)))
        ]
    );
    let was = log.iter().map(|entry| entry.before.clone()).collect::<Vec<_>>();
    assert_eq!(was, vec![Before::Status(Status::Held); 2]);
}

pub(crate) async fn text_of_all_kinds_survives(test: &TestStore) {
    blog(&test.store).await;
    let texts = [
        "",
        "''; DROP TABLE comments; --",
        "?1 $1 :a %s \\ \\0",
        "“curly” … — \u{1f9d1}\u{200d}\u{1f680} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{10ffff}",
        "\n\r\t",
    ];
    for (n, text) in texts.iter().enumerate() {
        let mut one = comment(n as i64 + 1, 0, 0, Status::Approved);
        one.author.name = (*text).to_owned();
        put(&test.store, vec![one]).await;
        assert_eq!(stored(&test.store, n as i64 + 1).await.author.name, *text);
    }
}
