-- Afterword's database, whole: every table a paragraph, every column a comment.
--
-- One text serves two engines. Only BIGINT and TEXT are used; SQLite reads BIGINT as INTEGER and gets
-- STRICT tables, PostgreSQL leaves out WITHOUT ROWID (src/store/schema.rs does both replacements).
-- Times are milliseconds since 1970-01-01 UTC. Ids are made by the application (src/model/id.rs).
-- Keys start with the site, so that sites can be spread over machines.
-- A change here is a numbered step in src/store/migrate.rs too.

-- What this database is: its schema version, the content policy its rows were rendered with, the time to purge by,
-- and 63 bits that tell the secret that its keyed hashes were made with.
CREATE TABLE instance (
  name   TEXT NOT NULL,                          -- 'schema', 'policy', 'purge_clock', 'secret'
  value  BIGINT NOT NULL,                        -- the number
  CONSTRAINT instance_pk PRIMARY KEY (name)
);

-- A site: one blog, its rules and its wording.
CREATE TABLE sites (
  id              BIGINT NOT NULL,
  name            TEXT NOT NULL,                 -- in URLs and in the script tag: a-z 0-9 -
  created_at      BIGINT NOT NULL,
  moderation      TEXT NOT NULL DEFAULT 'none',  -- who is held: 'none', 'first' comment of an author, 'all'
  require_name    BIGINT NOT NULL DEFAULT 1,     -- 1: a comment needs a name
  require_email   BIGINT NOT NULL DEFAULT 0,     -- 1: a comment needs an e-mail address
  votes           TEXT NOT NULL DEFAULT 'both',  -- 'both', 'up', 'off'
  sort            TEXT NOT NULL DEFAULT 'oldest',-- what readers see first: 'oldest', 'newest', 'best'
  edit_window     BIGINT NOT NULL DEFAULT 900,   -- seconds in which authors may edit and delete
  max_text        BIGINT NOT NULL DEFAULT 10000, -- graphemes of a comment
  close_after     BIGINT NOT NULL DEFAULT 0,     -- days after which a thread closes by itself; 0: never
  heading         TEXT NOT NULL DEFAULT '',      -- 'one=…|other=…': the owner's wording of the heading; empty: the widget's
  html_folds      BIGINT NOT NULL DEFAULT 0,     -- 1: /tea.html and /tea are one page; on for sites that are registered now
  CONSTRAINT sites_pk PRIMARY KEY (id),
  CONSTRAINT sites_name UNIQUE (name),
  CONSTRAINT sites_moderation_known CHECK (moderation IN ('none', 'first', 'all')),
  CONSTRAINT sites_votes_known CHECK (votes IN ('both', 'up', 'off')),
  CONSTRAINT sites_sort_known CHECK (sort IN ('oldest', 'newest', 'best'))
);

-- Where a site's pages live, exactly as browsers send it in Origin.
CREATE TABLE site_origins (
  site_id     BIGINT NOT NULL,
  origin      TEXT NOT NULL,                     -- scheme://host[:port]
  created_at  BIGINT NOT NULL,
  CONSTRAINT site_origins_pk PRIMARY KEY (site_id, origin),
  CONSTRAINT site_origins_site FOREIGN KEY (site_id) REFERENCES sites (id)
);
-- Whose page is this? (reads by “_” instead of a site's name)
CREATE INDEX site_origins_by_origin ON site_origins (origin, created_at, site_id);

-- A thread: the conversation under one page. It exists from its first comment on.
CREATE TABLE threads (
  site_id        BIGINT NOT NULL,
  id             BIGINT NOT NULL,
  page_url       TEXT NOT NULL,                  -- where people read it
  title          TEXT NOT NULL,                  -- the article's title, as text
  created_at     BIGINT NOT NULL,
  closed         BIGINT NOT NULL DEFAULT 0,      -- 1: closed by a moderator
  comment_count  BIGINT NOT NULL DEFAULT 0,      -- approved comments; equal to what lists show
  total_count    BIGINT NOT NULL DEFAULT 0,      -- rows in comments, whatever their status
  version        BIGINT NOT NULL DEFAULT 0,      -- raised by whatever changes what readers see; guards caches
  published_at   BIGINT NOT NULL DEFAULT 0,      -- since when it has an approved comment; 0: it has none, so readers see no thread
  page_edited    BIGINT NOT NULL DEFAULT 0,      -- 1: the owner set title and address; no comment changes them
  CONSTRAINT threads_pk PRIMARY KEY (site_id, id),
  CONSTRAINT threads_site FOREIGN KEY (site_id) REFERENCES sites (id),
  CONSTRAINT threads_page_short CHECK (length(page_url) <= 2048)
);

-- The names under which a thread is found: its page's key first, aliases beside it.
CREATE TABLE thread_keys (
  site_id    BIGINT NOT NULL,
  page_key   TEXT NOT NULL,                      -- '//host/path?query', 'id:…' (src/model/page.rs), or 'thread:…', the id of a thread merged into this one
  thread_id  BIGINT NOT NULL,
  CONSTRAINT thread_keys_pk PRIMARY KEY (site_id, page_key),
  CONSTRAINT thread_keys_thread FOREIGN KEY (site_id, thread_id) REFERENCES threads (site_id, id),
  CONSTRAINT thread_keys_short CHECK (length(page_key) <= 2060)
) WITHOUT ROWID;
-- Which names has this thread? (what every change of it tells the cache)
CREATE INDEX thread_keys_by_thread ON thread_keys (site_id, thread_id, page_key);

-- A comment as the page shows it. Clustered by thread and branch: a thread is read in one sweep, a branch
-- too. A reply's id is always greater than its parent's, so that every beginning of a branch is a tree.
CREATE TABLE comments (
  site_id           BIGINT NOT NULL,
  thread_id         BIGINT NOT NULL,
  id                BIGINT NOT NULL,
  parent_id         BIGINT NOT NULL,             -- 0: a top-level comment
  root_id           BIGINT NOT NULL,             -- the top-level comment above it; its own id at the top
  status            TEXT NOT NULL,               -- 'approved', 'held', 'spam', 'deleted'
  author_name       TEXT NOT NULL,               -- empty where the site takes comments without a name
  author_website    TEXT NOT NULL DEFAULT '',
  author_avatar     TEXT NOT NULL,               -- seed of a picture: keyed hash of who wrote it
  body              TEXT NOT NULL,               -- the safe tree as JSON
  policy            BIGINT NOT NULL,             -- the content policy that made body
  created_at        BIGINT NOT NULL,
  edited_at         BIGINT NOT NULL DEFAULT 0,   -- 0: never
  up                BIGINT NOT NULL DEFAULT 0,
  down              BIGINT NOT NULL DEFAULT 0,
  score             BIGINT NOT NULL DEFAULT 0,   -- lower bound of the approval, in millionths (src/model/score.rs)
  reply_count       BIGINT NOT NULL DEFAULT 0,   -- direct replies that readers see; keeps a tombstone in place
  descendant_count  BIGINT NOT NULL DEFAULT 0,   -- on top-level comments: all comments below that readers see
  version           BIGINT NOT NULL DEFAULT 1,   -- raised by every change of text, author, status or thread; forms and undo are bound to it
  CONSTRAINT comments_pk PRIMARY KEY (site_id, thread_id, root_id, id),
  CONSTRAINT comments_thread FOREIGN KEY (site_id, thread_id) REFERENCES threads (site_id, id),
  CONSTRAINT comments_status_known CHECK (status IN ('approved', 'held', 'spam', 'deleted')),
  CONSTRAINT comments_reply_after_parent CHECK (parent_id < id),
  CONSTRAINT comments_body_bounded CHECK (length(body) <= 400000)
) WITHOUT ROWID;

-- Which thread is this comment in? (edit, vote, permalink; also what makes ids unique)
CREATE UNIQUE INDEX comments_by_id ON comments (site_id, id);
-- What is newest in this thread? (its feed)
CREATE INDEX comments_by_thread ON comments (site_id, thread_id, id);
-- Which top-level comments come next: oldest or newest, best, most replied? Replies cost these nothing.
CREATE INDEX comments_top_by_id ON comments (site_id, thread_id, id) WHERE parent_id = 0;
CREATE INDEX comments_top_by_score ON comments (site_id, thread_id, score, id) WHERE parent_id = 0;
CREATE INDEX comments_top_by_replies ON comments (site_id, thread_id, descendant_count, id) WHERE parent_id = 0;
-- What waits in this queue, newest first? (admin; also the feed of a site)
CREATE INDEX comments_by_status ON comments (site_id, status, id);

-- What readers never see of a comment: its source, how to reach its author, how the author proves it.
CREATE TABLE comment_details (
  site_id       BIGINT NOT NULL,
  comment_id    BIGINT NOT NULL,
  source        TEXT NOT NULL,                   -- what was written
  format        TEXT NOT NULL,                   -- of source: 'markdown' or 'html' (imported)
  author_email  TEXT NOT NULL DEFAULT '',
  author_key    TEXT NOT NULL,                   -- keyed hash of the reader's secret: same browser, same author
  token_hash    TEXT NOT NULL,                   -- SHA-256 of the edit token, hexadecimal; empty: none
  address_key   TEXT NOT NULL DEFAULT '',        -- keyed hash of the client address; emptied after 30 days
  removed_at    BIGINT NOT NULL DEFAULT 0,       -- when it was deleted or called spam; its text goes 30 days later
  held_because  TEXT NOT NULL DEFAULT '',        -- why it waits: 'all', 'first', 'edited', 'moderator'
  page_url      TEXT NOT NULL DEFAULT '',        -- the address it was posted from; its thread has that of its earliest approved comment
  page_title    TEXT NOT NULL DEFAULT '',        -- the title it was posted with; likewise
  CONSTRAINT comment_details_pk PRIMARY KEY (site_id, comment_id),
  CONSTRAINT comment_details_format_known CHECK (format IN ('markdown', 'html')),
  CONSTRAINT comment_details_source_bounded CHECK (length(source) <= 200000)
) WITHOUT ROWID;

-- Has this author an approved comment already?
CREATE INDEX comment_details_by_author ON comment_details (site_id, author_key, comment_id);
-- Whose address is due to be forgotten, and whose text? Looked for every hour; only what is kept has an entry.
CREATE INDEX comment_details_with_address ON comment_details (comment_id) WHERE address_key <> '';
CREATE INDEX comment_details_removed ON comment_details (removed_at) WHERE removed_at > 0 AND source <> '';

-- What a comment said before an edit, for moderators. Erased with the comment, and 30 days after the edit.
CREATE TABLE comment_revisions (
  site_id         BIGINT NOT NULL,
  comment_id      BIGINT NOT NULL,
  version         BIGINT NOT NULL,               -- comments.version while it said this
  author_name     TEXT NOT NULL,
  author_website  TEXT NOT NULL,
  source          TEXT NOT NULL,
  created_at      BIGINT NOT NULL,               -- when the edit replaced it
  CONSTRAINT comment_revisions_pk PRIMARY KEY (site_id, comment_id, version)
) WITHOUT ROWID;
-- Which revisions are older than they are kept?
CREATE INDEX comment_revisions_by_age ON comment_revisions (created_at);

-- Names that comments had where they were imported from, so that old links lead to them: the fragment of
-- the old permalink, such as isso-12, comment-12, remark42__comment-3f0b….
CREATE TABLE comment_names (
  site_id     BIGINT NOT NULL,
  name        TEXT NOT NULL,
  comment_id  BIGINT NOT NULL,
  CONSTRAINT comment_names_pk PRIMARY KEY (site_id, name),
  CONSTRAINT comment_names_short CHECK (length(name) <= 100)
) WITHOUT ROWID;

-- One vote of one reader on one comment.
CREATE TABLE votes (
  site_id      BIGINT NOT NULL,
  comment_id   BIGINT NOT NULL,
  reader_key   TEXT NOT NULL,                    -- keyed hash of the reader's secret
  value        BIGINT NOT NULL,                  -- 1 or -1; a vote taken back is no row
  address_key  TEXT NOT NULL DEFAULT '',         -- keyed hash of the client's IPv4 address or IPv6 /48; emptied after 30 days
  created_at   BIGINT NOT NULL,
  CONSTRAINT votes_pk PRIMARY KEY (site_id, comment_id, reader_key),
  CONSTRAINT votes_value_known CHECK (value IN (1, -1))
) WITHOUT ROWID;
-- Whose address is due to be forgotten?
CREATE INDEX votes_with_address ON votes (created_at) WHERE address_key <> '';

-- Posts by their idempotency key, for 7 days: the same key never makes a second comment.
CREATE TABLE post_keys (
  site_id     BIGINT NOT NULL,
  key_hash    TEXT NOT NULL,                     -- SHA-256 of the key, hexadecimal
  body_hash   TEXT NOT NULL,                     -- SHA-256 of the request it came with
  comment_id  BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  CONSTRAINT post_keys_pk PRIMARY KEY (site_id, key_hash)
) WITHOUT ROWID;

-- Which keys are older than they are kept?
CREATE INDEX post_keys_by_age ON post_keys (created_at);

-- People who sign in to the admin pages.
CREATE TABLE users (
  id             BIGINT NOT NULL,
  name           TEXT NOT NULL,
  role           TEXT NOT NULL,                  -- 'owner' or 'moderator'
  password_hash  TEXT NOT NULL,                  -- Argon2id, PHC string
  created_at     BIGINT NOT NULL,
  CONSTRAINT users_pk PRIMARY KEY (id),
  CONSTRAINT users_name UNIQUE (name),
  CONSTRAINT users_role_known CHECK (role IN ('owner', 'moderator'))
);

-- Signed-in browsers.
CREATE TABLE sessions (
  token_hash  TEXT NOT NULL,                     -- SHA-256 of the cookie's 256 bits, hexadecimal
  user_id     BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,                   -- ends 30 days after this
  seen_at     BIGINT NOT NULL,                   -- or 3 days after this
  CONSTRAINT sessions_pk PRIMARY KEY (token_hash),
  CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id)
);

-- Setup links that were printed: one hour, one use.
CREATE TABLE setup_links (
  token_hash  TEXT NOT NULL,                     -- SHA-256 of the link's 128 bits, hexadecimal
  created_at  BIGINT NOT NULL,
  CONSTRAINT setup_links_pk PRIMARY KEY (token_hash)
);

-- What moderators and owners did: who, what, to what, and how it was before. site_id 0: to the whole instance.
CREATE TABLE moderation_log (
  site_id     BIGINT NOT NULL,
  id          BIGINT NOT NULL,
  comment_id  BIGINT NOT NULL,                   -- 0: no comment
  user_name   TEXT NOT NULL,
  action      TEXT NOT NULL,                     -- the status that the comment got, or what else was done
  before      TEXT NOT NULL,                     -- the status that it had
  created_at  BIGINT NOT NULL,
  target      TEXT NOT NULL DEFAULT '',          -- what was changed where it is no comment: a thread, an origin, a setting, a person
  CONSTRAINT moderation_log_pk PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
