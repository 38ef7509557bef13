//! Databases full of comments, written with the store's own statements in large transactions without `fdatasync`.

use std::{path::Path, time::Instant};

use afterword::{
    content,
    model::{
        comment::{Details, Status},
        id::{CommentId, ThreadId},
        page::Origin,
        text::SiteName,
        thread::Thread,
        time::{Clock, Millis},
    },
    store::{
        Options, Store,
        engine::sqlite::SqliteTx,
        tables::{comments, details, sites, threads},
    },
};
use serde_json::json;

use super::{
    unit::{self, ORIGIN, SITE},
    vocabulary::{Dice, hex, name, text},
};

/// Three years, in milliseconds: the comments are spread over that time before now.
const SPAN: i64 = 3 * 365 * 86_400_000;
/// Bits of an id below its milliseconds.
const BITS: u32 = 11;

/// Texts with their trees, used in rotation.
pub(crate) fn texts(dice: &mut Dice, count: usize) -> Vec<(String, String)> {
    let mut texts = Vec::with_capacity(count);
    while texts.len() < count {
        let source = text(dice);
        let tree = content::from_markdown(&source).expect("a comment").to_json();
        texts.push((source, tree));
    }
    texts
}

/// Opens the database for bulk writes without durability.
fn open(folder: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(folder.join("afterword.db")).expect("the database");
    connection.set_prepared_statement_cache_capacity(128);
    connection
        .execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-1500000; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;")
        .expect("pragmas");
    connection
}

struct Sower {
    dice: Dice,
    texts: Vec<(String, String)>,
    threads: i64,
    comments: i64,
    last: i64,
}

impl Sower {
    /// A thread with `count` comments: two of three are replies, one in a hundred is spam, one in two hundred is held.
    fn thread(&mut self, tx: &mut SqliteTx<'_>, path: &str, count: i64) {
        let now = Clock::system().now().0;
        self.threads += 1;
        let begun = now - SPAN + i64::try_from(self.dice.below(SPAN.unsigned_abs() / 2)).unwrap_or(0);
        let thread = Thread {
            site_id: SITE,
            id: ThreadId((begun << BITS) + self.threads % (1 << BITS)),
            page_url: format!("{ORIGIN}{path}"),
            title: format!("Article {}", self.threads),
            created_at: Millis(begun),
            closed: false,
            comment_count: 0,
            total_count: 0,
            version: 0,
            published_at: Some(Millis(begun)),
            page_edited: false,
            page_id: None,
        };
        threads::add(tx, &thread, &unit::key(path)).expect("a thread");
        // Targets of replies: the latest comments that can have any, with their top-level comments.
        let mut recent: Vec<(i64, i64)> = Vec::new();
        let step = ((now - begun) / (count + 1)).max(1);
        let mut before = 0;
        for n in 0..count {
            let at = begun + step * n + i64::try_from(self.dice.below(step.unsigned_abs())).unwrap_or(0);
            // Within a thread ids only increase; the low bits distinguish threads.
            let id = ((at << BITS) + self.threads % (1 << BITS)).max(before + 1);
            before = id;
            let status = match self.dice.below(200) {
                0 => Status::Held,
                1 | 2 => Status::Spam,
                _ => Status::Approved,
            };
            let above = if self.dice.below(3) > 0 && !recent.is_empty() {
                recent[usize::try_from(self.dice.below(recent.len() as u64)).unwrap_or(0)]
            } else {
                (0, id)
            };
            let place = usize::try_from(self.dice.below(self.texts.len() as u64)).unwrap_or(0);
            let hash = hex(&mut self.dice, 64);
            let name = name(&mut self.dice);
            let (source, body) = &self.texts[place];
            let comment = unit::comment(thread.id, id, above.0, above.1, status, &name, body, Millis(at));
            comments::add(tx, &comment).expect("a comment");
            // Network addresses are purged after 30 days, and nearly all of these are older.
            let details_of_it = Details {
                address_key: String::new(),
                ..unit::details_of(source, &hash)
            };
            details::add(tx, SITE, CommentId(id), &details_of_it).expect("its details");
            if status == Status::Approved {
                self.last = id;
                recent.push((id, above.1));
                if recent.len() > 12 {
                    recent.remove(0);
                }
            }
            self.comments += 1;
        }
    }
}

/// Fills a new data folder; prints its contents.
pub(crate) fn run(folder: &Path, count: i64, each: i64, long: i64) -> serde_json::Value {
    let began = Instant::now();
    std::fs::create_dir_all(folder).expect("a folder");
    // The store itself creates the tables.
    drop(Store::open("afterword.db", folder, &Options::default()).expect("a store"));
    let connection = open(folder);
    let now = Clock::system().now();
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .expect("a transaction");
    let tx = &mut SqliteTx(&connection);
    sites::add(tx, SITE, &SiteName::parse("blog").expect("a name"), now).expect("a site");
    sites::add_origin(tx, SITE, &Origin::parse(ORIGIN).expect("an origin"), now).expect("its origin");
    let mut dice = Dice(59);
    let texts = texts(&mut dice, 5_000);
    let mut sower = Sower {
        dice,
        texts,
        threads: 0,
        comments: 0,
        last: 0,
    };
    sower.thread(tx, "/fifty-nine/", 59);
    sower.thread(tx, "/hundred/", 100);
    if long > 0 {
        sower.thread(tx, "/long/", long);
    }
    let deep = sower.last;
    for n in 0..count {
        sower.thread(tx, &format!("/posts/{n}/"), each);
        if n % 500 == 499 {
            connection
                .execute_batch("COMMIT; BEGIN IMMEDIATE")
                .expect("a commit");
        }
    }
    connection
        .execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")
        .expect("a commit");
    let said = json!({
        "threads": count, "each": each, "long": long, "comments": sower.comments, "deep": deep,
        "seconds": began.elapsed().as_secs_f64(),
    });
    std::fs::write(folder.join("seed.json"), said.to_string()).expect("a note of what is there");
    said
}
