-- The schema of Afterword's database, with a comment for every table and for columns that need one.
--
-- The same text is used for both engines. Only BIGINT and TEXT are used; SQLite reads BIGINT as INTEGER and gets
-- STRICT tables, PostgreSQL leaves out WITHOUT ROWID (src/store/schema.rs does both replacements).
-- Times are milliseconds since 1970-01-01 UTC. Ids are made by the application (src/model/id.rs).
-- Keys start with the site, so that sites can be distributed over machines.
-- A change here is a numbered step in src/store/migrations too.

-- Facts about the database: its schema version, the content policy version of its rows, the purge clock,
-- and a 63-bit fingerprint of the secret that its keyed hashes were made with.
CREATE TABLE instance (
  name   TEXT NOT NULL,                          -- 'schema', 'policy', 'purge_clock', 'secret'
  value  BIGINT NOT NULL,                        -- the value
  CONSTRAINT instance_pk PRIMARY KEY (name)
);

-- A site: one blog and its settings.
CREATE TABLE sites (
  id              BIGINT NOT NULL,
  name            TEXT NOT NULL,                 -- in URLs and in the embed code: a-z 0-9 -
  created_at      BIGINT NOT NULL,
  moderation      TEXT NOT NULL DEFAULT 'none',  -- comments held: 'none', 'first' of an author, 'all'
  require_name    BIGINT NOT NULL DEFAULT 1,     -- 1: a comment needs a name
  require_email   BIGINT NOT NULL DEFAULT 0,     -- 1: a comment needs an e-mail address
  votes           TEXT NOT NULL DEFAULT 'both',  -- 'both', 'up', 'off'
  sort            TEXT NOT NULL DEFAULT 'oldest',-- default order: 'oldest', 'newest', 'best'
  edit_window     BIGINT NOT NULL DEFAULT 900,   -- seconds after posting in which authors may edit and delete
  max_text        BIGINT NOT NULL DEFAULT 10000, -- maximum length of a comment, in graphemes
  close_after     BIGINT NOT NULL DEFAULT 0,     -- days after which a thread closes automatically; 0: never
  heading         TEXT NOT NULL DEFAULT '',      -- 'one=…|other=…': wording of the heading; empty: the widget's
  html_folds      BIGINT NOT NULL DEFAULT 0,     -- 1: /tea.html and /tea are one page; 1 for newly registered sites
  CONSTRAINT sites_pk PRIMARY KEY (id),
  CONSTRAINT sites_name UNIQUE (name),
  CONSTRAINT sites_moderation_known CHECK (moderation IN ('none', 'first', 'all')),
  CONSTRAINT sites_votes_known CHECK (votes IN ('both', 'up', 'off')),
  CONSTRAINT sites_sort_known CHECK (sort IN ('oldest', 'newest', 'best'))
);

-- The origins of a site's pages, exactly as browsers send them in the Origin header.
CREATE TABLE site_origins (
  site_id     BIGINT NOT NULL,
  origin      TEXT NOT NULL,                     -- scheme://host[:port]
  created_at  BIGINT NOT NULL,
  CONSTRAINT site_origins_pk PRIMARY KEY (site_id, origin),
  CONSTRAINT site_origins_site FOREIGN KEY (site_id) REFERENCES sites (id)
);
-- Finds the site of an origin (requests with “_” instead of a site's name).
CREATE INDEX site_origins_by_origin ON site_origins (origin, created_at, site_id);

-- A thread: the comments of one page. Created with its first comment.
CREATE TABLE threads (
  site_id        BIGINT NOT NULL,
  id             BIGINT NOT NULL,
  page_url       TEXT NOT NULL,                  -- address of the page
  title          TEXT NOT NULL,                  -- title of the page, as text
  created_at     BIGINT NOT NULL,
  closed         BIGINT NOT NULL DEFAULT 0,      -- 1: closed by a moderator
  comment_count  BIGINT NOT NULL DEFAULT 0,      -- number of approved comments; equal to the number that lists show
  total_count    BIGINT NOT NULL DEFAULT 0,      -- number of comments of any status
  version        BIGINT NOT NULL DEFAULT 0,      -- raised by each change that readers see; validates caches
  published_at   BIGINT NOT NULL DEFAULT 0,      -- time of the first approved comment; 0: none, so readers see no thread
  page_edited    BIGINT NOT NULL DEFAULT 0,      -- 1: an owner set title and address; comments do not change them
  CONSTRAINT threads_pk PRIMARY KEY (site_id, id),
  CONSTRAINT threads_site FOREIGN KEY (site_id) REFERENCES sites (id),
  CONSTRAINT threads_page_short CHECK (length(page_url) <= 2048)
);

-- The page keys by which a thread is found: the key of its page, and aliases.
CREATE TABLE thread_keys (
  site_id    BIGINT NOT NULL,
  page_key   TEXT NOT NULL,                      -- '//host/path?query', 'id:…' (src/model/page.rs), or 'thread:…' with the id of a thread merged into this one
  thread_id  BIGINT NOT NULL,
  CONSTRAINT thread_keys_pk PRIMARY KEY (site_id, page_key),
  CONSTRAINT thread_keys_thread FOREIGN KEY (site_id, thread_id) REFERENCES threads (site_id, id),
  CONSTRAINT thread_keys_short CHECK (length(page_key) <= 2060)
) WITHOUT ROWID;
-- Finds the keys of a thread, which each change of it invalidates in the cache.
CREATE INDEX thread_keys_by_thread ON thread_keys (site_id, thread_id, page_key);

-- A comment, without the columns of comment_details. Clustered by thread and conversation, so that each is read in
-- one range scan. A reply's id is always greater than its parent's, so that every prefix of a conversation is a tree.
CREATE TABLE comments (
  site_id           BIGINT NOT NULL,
  thread_id         BIGINT NOT NULL,
  id                BIGINT NOT NULL,
  parent_id         BIGINT NOT NULL,             -- 0: a top-level comment
  root_id           BIGINT NOT NULL,             -- the top-level comment of its conversation; its own id if top-level
  status            TEXT NOT NULL,               -- 'approved', 'held', 'spam', 'deleted'
  author_name       TEXT NOT NULL,               -- empty if the site accepts comments without a name
  author_website    TEXT NOT NULL DEFAULT '',
  author_avatar     TEXT NOT NULL,               -- seed of the generated avatar: keyed hash of the author
  body              TEXT NOT NULL,               -- the safe tree as JSON
  policy            BIGINT NOT NULL,             -- the content policy version of body
  created_at        BIGINT NOT NULL,
  edited_at         BIGINT NOT NULL DEFAULT 0,   -- 0: never
  up                BIGINT NOT NULL DEFAULT 0,
  down              BIGINT NOT NULL DEFAULT 0,
  score             BIGINT NOT NULL DEFAULT 0,   -- Wilson lower bound, in millionths (src/model/score.rs)
  reply_count       BIGINT NOT NULL DEFAULT 0,   -- number of direct replies that readers see; a tombstone with replies stays visible
  descendant_count  BIGINT NOT NULL DEFAULT 0,   -- of a top-level comment: number of comments below it that readers see
  version           BIGINT NOT NULL DEFAULT 1,   -- raised by each change of text, author, status or thread; edit forms and undo are bound to it
  CONSTRAINT comments_pk PRIMARY KEY (site_id, thread_id, root_id, id),
  CONSTRAINT comments_thread FOREIGN KEY (site_id, thread_id) REFERENCES threads (site_id, id),
  CONSTRAINT comments_status_known CHECK (status IN ('approved', 'held', 'spam', 'deleted')),
  CONSTRAINT comments_reply_after_parent CHECK (parent_id < id),
  CONSTRAINT comments_body_bounded CHECK (length(body) <= 400000)
) WITHOUT ROWID;

-- Finds a comment by its id (edit, vote, permalink); makes ids unique.
CREATE UNIQUE INDEX comments_by_id ON comments (site_id, id);
-- The newest comments of a thread, for its feed.
CREATE INDEX comments_by_thread ON comments (site_id, thread_id, id);
-- Pages of top-level comments by oldest or newest, best, most replies. Partial, so that replies do not write to them.
CREATE INDEX comments_top_by_id ON comments (site_id, thread_id, id) WHERE parent_id = 0;
CREATE INDEX comments_top_by_score ON comments (site_id, thread_id, score, id) WHERE parent_id = 0;
CREATE INDEX comments_top_by_replies ON comments (site_id, thread_id, descendant_count, id) WHERE parent_id = 0;
-- Comments of a status, newest first, for the moderation queue and for the feed of a site.
CREATE INDEX comments_by_status ON comments (site_id, status, id);

-- The columns of a comment that readers never see: source, contact and credentials of the author.
CREATE TABLE comment_details (
  site_id       BIGINT NOT NULL,
  comment_id    BIGINT NOT NULL,
  source        TEXT NOT NULL,                   -- source text
  format        TEXT NOT NULL,                   -- markup of source: 'markdown' or 'html' (imported)
  author_email  TEXT NOT NULL DEFAULT '',
  author_key    TEXT NOT NULL,                   -- keyed hash of the reader's secret: the same browser is the same author
  token_hash    TEXT NOT NULL,                   -- SHA-256 of the edit token, hexadecimal; empty: none
  address_key   TEXT NOT NULL DEFAULT '',        -- keyed hash of the client address; emptied after 30 days
  removed_at    BIGINT NOT NULL DEFAULT 0,       -- when it was deleted or marked as spam; its text is purged 30 days later
  held_because  TEXT NOT NULL DEFAULT '',        -- why it is held: 'all', 'first', 'edited', 'moderator'
  page_url      TEXT NOT NULL DEFAULT '',        -- page address it was posted from; a thread takes it from its earliest approved comment
  page_title    TEXT NOT NULL DEFAULT '',        -- page title it was posted with; same use
  CONSTRAINT comment_details_pk PRIMARY KEY (site_id, comment_id),
  CONSTRAINT comment_details_format_known CHECK (format IN ('markdown', 'html')),
  CONSTRAINT comment_details_source_bounded CHECK (length(source) <= 200000)
) WITHOUT ROWID;

-- Finds an author's earlier comments, to know if one is approved.
CREATE INDEX comment_details_by_author ON comment_details (site_id, author_key, comment_id);
-- Addresses and texts to purge, searched for every hour; purged rows have no entry.
CREATE INDEX comment_details_with_address ON comment_details (comment_id) WHERE address_key <> '';
CREATE INDEX comment_details_removed ON comment_details (removed_at) WHERE removed_at > 0 AND source <> '';

-- The text of a comment before an edit, for moderators. Purged with the comment, and 30 days after the edit.
CREATE TABLE comment_revisions (
  site_id         BIGINT NOT NULL,
  comment_id      BIGINT NOT NULL,
  version         BIGINT NOT NULL,               -- comments.version of this text
  author_name     TEXT NOT NULL,
  author_website  TEXT NOT NULL,
  source          TEXT NOT NULL,
  created_at      BIGINT NOT NULL,               -- when the edit replaced it
  CONSTRAINT comment_revisions_pk PRIMARY KEY (site_id, comment_id, version)
) WITHOUT ROWID;
-- Revisions to purge by age.
CREATE INDEX comment_revisions_by_age ON comment_revisions (created_at);

-- Fragments of imported comments' permalinks in their former system, so that old links find them, such as isso-12,
-- comment-12, remark42__comment-3f0b….
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
  value        BIGINT NOT NULL,                  -- 1 or -1; a withdrawn vote has no row
  address_key  TEXT NOT NULL DEFAULT '',         -- keyed hash of the client's IPv4 address or IPv6 /48; emptied after 30 days
  created_at   BIGINT NOT NULL,
  CONSTRAINT votes_pk PRIMARY KEY (site_id, comment_id, reader_key),
  CONSTRAINT votes_value_known CHECK (value IN (1, -1))
) WITHOUT ROWID;
-- Addresses to purge by age.
CREATE INDEX votes_with_address ON votes (created_at) WHERE address_key <> '';

-- Idempotency keys of posts, for 7 days: the same key never creates a second comment.
CREATE TABLE post_keys (
  site_id     BIGINT NOT NULL,
  key_hash    TEXT NOT NULL,                     -- SHA-256 of the key, hexadecimal
  body_hash   TEXT NOT NULL,                     -- SHA-256 of the request it came with
  comment_id  BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  CONSTRAINT post_keys_pk PRIMARY KEY (site_id, key_hash)
) WITHOUT ROWID;

-- Keys to purge by age.
CREATE INDEX post_keys_by_age ON post_keys (created_at);

-- Accounts of the admin pages.
CREATE TABLE accounts (
  id          BIGINT NOT NULL,
  name        TEXT NOT NULL,                     -- the user name
  created_at  BIGINT NOT NULL,
  CONSTRAINT accounts_pk PRIMARY KEY (id),
  CONSTRAINT accounts_name UNIQUE (name)
);

-- Identities to sign in with: an account has one password at most, and any number of passkeys and OpenID Connect subjects.
CREATE TABLE identities (
  kind        TEXT NOT NULL,                     -- 'password', 'passkey', 'oidc'
  issuer      TEXT NOT NULL DEFAULT '',          -- oidc: the issuer, within which a subject is unique
  subject     TEXT NOT NULL,                     -- password: the account's id; passkey: the credential id; oidc: the subject
  account_id  BIGINT NOT NULL,
  credential  TEXT NOT NULL DEFAULT '',          -- password: Argon2id, PHC string; passkey: the public key; oidc: empty
  label       TEXT NOT NULL DEFAULT '',          -- the name that its owner gave it
  created_at  BIGINT NOT NULL,
  used_at     BIGINT NOT NULL DEFAULT 0,         -- the last sign-in with it; 0: not recorded
  CONSTRAINT identities_pk PRIMARY KEY (kind, issuer, subject),
  CONSTRAINT identities_account FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT identities_kind_known CHECK (kind IN ('password', 'passkey', 'oidc'))
) WITHOUT ROWID;
-- Identities of an account.
CREATE INDEX identities_by_account ON identities (account_id, kind);

-- Roles of accounts.
CREATE TABLE account_roles (
  account_id  BIGINT NOT NULL,
  site_id     BIGINT NOT NULL,                   -- 0: all sites; no other value is used so far
  role        TEXT NOT NULL,                     -- 'owner' or 'moderator'
  CONSTRAINT account_roles_pk PRIMARY KEY (account_id, site_id),
  CONSTRAINT account_roles_account FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT account_roles_role_known CHECK (role IN ('owner', 'moderator'))
) WITHOUT ROWID;

-- Sessions of signed-in browsers.
CREATE TABLE sessions (
  token_hash  TEXT NOT NULL,                     -- SHA-256 of the cookie's 256 bits, hexadecimal
  account_id  BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,                   -- ends 30 days after this
  seen_at     BIGINT NOT NULL,                   -- or 3 days after this
  CONSTRAINT sessions_pk PRIMARY KEY (token_hash),
  CONSTRAINT sessions_account FOREIGN KEY (account_id) REFERENCES accounts (id)
);

-- Setup links: valid for one hour and one use.
CREATE TABLE setup_links (
  token_hash  TEXT NOT NULL,                     -- SHA-256 of the link's 128 bits, hexadecimal
  created_at  BIGINT NOT NULL,
  CONSTRAINT setup_links_pk PRIMARY KEY (token_hash)
);

-- The moderation log: actor, action, target, and the value before. site_id 0: actions on the instance.
CREATE TABLE moderation_log (
  site_id     BIGINT NOT NULL,
  id          BIGINT NOT NULL,
  comment_id  BIGINT NOT NULL,                   -- 0: no comment
  actor       TEXT NOT NULL,                     -- the account's name, or '(command line)', '(upgrade)'
  action      TEXT NOT NULL,                     -- the new status of the comment, or another action
  before      TEXT NOT NULL,                     -- the value before: the old status of the comment, or an old setting
  created_at  BIGINT NOT NULL,
  target      TEXT NOT NULL DEFAULT '',          -- the thing acted on, if not a comment: a thread, an origin, a setting, an account
  CONSTRAINT moderation_log_pk PRIMARY KEY (site_id, id)
) WITHOUT ROWID;

-- The outbox: side effects that are to be carried out, written in the unit of work that causes them. One row for each
-- event and consumer.
CREATE TABLE outbox (
  id            BIGINT NOT NULL,
  kind          TEXT NOT NULL,                   -- the consumer
  site_id       BIGINT NOT NULL DEFAULT 0,       -- 0: no site
  thread_id     BIGINT NOT NULL DEFAULT 0,       -- 0: no thread
  comment_id    BIGINT NOT NULL DEFAULT 0,       -- 0: no comment
  payload       TEXT NOT NULL DEFAULT '{}',      -- JSON for the consumer; no text of comments
  created_at    BIGINT NOT NULL,
  attempts      BIGINT NOT NULL DEFAULT 0,       -- attempts that were made
  not_before    BIGINT NOT NULL,                 -- earliest time of the next attempt
  leased_until  BIGINT NOT NULL DEFAULT 0,       -- end of the lease of a worker; 0: none
  CONSTRAINT outbox_pk PRIMARY KEY (id)
);
-- The next due row of a consumer.
CREATE INDEX outbox_due ON outbox (kind, not_before, id);
