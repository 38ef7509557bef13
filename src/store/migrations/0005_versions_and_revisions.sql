ALTER TABLE sites ADD COLUMN html_folds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN published_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN page_edited BIGINT NOT NULL DEFAULT 0;
UPDATE threads SET published_at = created_at WHERE comment_count > 0;
ALTER TABLE comments ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE comment_details ADD COLUMN page_url TEXT NOT NULL DEFAULT '';
ALTER TABLE comment_details ADD COLUMN page_title TEXT NOT NULL DEFAULT '';
ALTER TABLE moderation_log ADD COLUMN target TEXT NOT NULL DEFAULT '';
CREATE TABLE comment_revisions (
  site_id         BIGINT NOT NULL,
  comment_id      BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  author_name     TEXT NOT NULL,
  author_website  TEXT NOT NULL,
  source          TEXT NOT NULL,
  created_at      BIGINT NOT NULL,
  CONSTRAINT comment_revisions_pk PRIMARY KEY (site_id, comment_id, version)
) WITHOUT ROWID;
CREATE INDEX comment_revisions_by_age ON comment_revisions (created_at);
