CREATE INDEX site_origins_by_origin ON site_origins (origin, created_at, site_id);
CREATE INDEX comments_by_replies ON comments (site_id, thread_id, parent_id, descendant_count, id);
CREATE TABLE comment_names (
  site_id     BIGINT NOT NULL,
  name        TEXT NOT NULL,
  comment_id  BIGINT NOT NULL,
  CONSTRAINT comment_names_pk PRIMARY KEY (site_id, name),
  CONSTRAINT comment_names_short CHECK (length(name) <= 100)
) WITHOUT ROWID;
