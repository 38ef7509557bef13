//! Builders with defaults for every field.

use super::server::TestServer;
use afterword::model::{
    comment::{Author, Comment, Details, Format, NewComment, Status},
    id::{CommentId, SiteId, ThreadId},
    page::Origin,
    text::SiteName,
    thread::Thread,
    time::Millis,
};
use afterword::store::{
    Store, StoreError,
    tables::{comments, details, sites, threads},
};

pub const SITE: SiteId = SiteId(1);
pub const THREAD: ThreadId = ThreadId(10);
pub const NOW: Millis = Millis(1_790_000_000_000);

/// Stores a site “blog” with one thread.
pub async fn blog(store: &Store) {
    store
        .write(|tx| {
            let name = SiteName::parse("blog").expect("a name");
            sites::add(tx, SITE, &name, NOW)?;
            sites::add_origin(
                tx,
                SITE,
                &Origin::parse("https://blog.example").expect("an origin"),
                NOW,
            )?;
            threads::add(tx, &thread(THREAD), "//blog.example/tea")?;
            Ok::<_, StoreError>(())
        })
        .await
        .expect("a site with a thread");
}

pub fn thread(id: ThreadId) -> Thread {
    Thread {
        site_id: SITE,
        id,
        page_url: "https://blog.example/tea".into(),
        title: "On tea".into(),
        created_at: NOW,
        closed: false,
        comment_count: 0,
        total_count: 0,
        version: 0,
        published_at: None,
        page_edited: false,
        page_id: None,
    }
}

/// A comment of [`THREAD`]; `above` is its parent, `root` the top-level comment of its conversation.
pub fn comment(id: i64, above: i64, root: i64, status: Status) -> NewComment {
    NewComment {
        site_id: SITE,
        thread_id: THREAD,
        id: CommentId(id),
        parent_id: (above != 0).then_some(CommentId(above)),
        root_id: CommentId(if root == 0 { id } else { root }),
        status,
        author: Author {
            name: format!("Author {id} “ß” 🫖"),
            website: "https://a.example/".into(),
            avatar: "seed".into(),
        },
        body: format!(r#"[["p",{{}},"comment {id} — שלום 🐝"]]"#),
        policy: 1,
        created_at: Millis(NOW.0 + id),
    }
}

pub fn details_of(source: &str) -> Details {
    Details {
        source: source.into(),
        format: Format::Markdown,
        author_email: "a@example.org".into(),
        author_key: "author".into(),
        token_hash: "hash".into(),
        address_key: "address".into(),
        removed_at: None,
        held_because: None,
        page_url: String::new(),
        page_title: String::new(),
    }
}

/// Stores comments with details.
pub async fn put(store: &Store, all: Vec<NewComment>) {
    for comment in all {
        store
            .write(move |tx| {
                threads::lock(tx, comment.site_id, comment.thread_id)?;
                details::add(tx, comment.site_id, comment.id, &details_of("source"))?;
                comments::add(tx, &comment)
            })
            .await
            .expect("a stored comment");
    }
}

/// The stored comment.
pub async fn stored(store: &Store, id: i64) -> Comment {
    store
        .read(move |tx| comments::by_id(tx, SITE, CommentId(id)))
        .await
        .expect("a read")
        .expect("the comment")
}

/// Sets a comment's status.
pub async fn set_status(store: &Store, id: i64, status: Status) {
    let before = stored(store, id).await;
    store
        .write(move |tx| {
            threads::lock(tx, SITE, before.thread_id)?;
            comments::set_status(tx, &before, status, NOW)
        })
        .await
        .expect("a new status");
}

/// Stores threads with this number of comments on the server's site, through the store: the API would take minutes.
pub fn fill(server: &TestServer, count: i64, each: i64, body: &str) {
    let body = format!(r#"[["p",{{}},"{body}"]]"#);
    server.run(async {
        let site = afterword::service::threads::read::site(&server.app, "blog")
            .await
            .expect("the site")
            .id;
        let unit = move |tx: &mut dyn afterword::store::Tx| {
            for n in 1..=count {
                let mut one = thread(ThreadId(n));
                one.site_id = site;
                one.page_url = format!("https://blog.example/{n}");
                threads::add(tx, &one, &format!("//blog.example/{n}"))?;
                for id in n * 1_000..n * 1_000 + each {
                    let mut comment = comment(id, 0, 0, Status::Approved);
                    (comment.site_id, comment.thread_id) = (site, one.id);
                    comment.body.clone_from(&body);
                    comments::add(tx, &comment)?;
                }
            }
            Ok::<_, StoreError>(())
        };
        server.app.store.write(unit).await.expect("comments");
    });
}
