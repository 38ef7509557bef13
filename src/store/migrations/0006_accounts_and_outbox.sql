-- Accounts, the identities that they sign in with and their roles, from the table users.
CREATE TABLE accounts (
  id          BIGINT NOT NULL,
  name        TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  CONSTRAINT accounts_pk PRIMARY KEY (id),
  CONSTRAINT accounts_name UNIQUE (name)
);
CREATE TABLE identities (
  kind        TEXT NOT NULL,
  issuer      TEXT NOT NULL DEFAULT '',
  subject     TEXT NOT NULL,
  account_id  BIGINT NOT NULL,
  credential  TEXT NOT NULL DEFAULT '',
  label       TEXT NOT NULL DEFAULT '',
  created_at  BIGINT NOT NULL,
  used_at     BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT identities_pk PRIMARY KEY (kind, issuer, subject),
  CONSTRAINT identities_account FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT identities_kind_known CHECK (kind IN ('password', 'passkey', 'oidc'))
) WITHOUT ROWID;
CREATE INDEX identities_by_account ON identities (account_id, kind);
CREATE TABLE account_roles (
  account_id  BIGINT NOT NULL,
  site_id     BIGINT NOT NULL,
  role        TEXT NOT NULL,
  CONSTRAINT account_roles_pk PRIMARY KEY (account_id, site_id),
  CONSTRAINT account_roles_account FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT account_roles_role_known CHECK (role IN ('owner', 'moderator'))
) WITHOUT ROWID;
INSERT INTO accounts (id, name, created_at) SELECT id, name, created_at FROM users;
INSERT INTO identities (kind, subject, account_id, credential, created_at)
  SELECT 'password', CAST(id AS TEXT), id, password_hash, created_at FROM users;
INSERT INTO account_roles (account_id, site_id, role) SELECT id, 0, role FROM users;

-- Sessions refer to accounts. Neither engine can redirect a foreign key under the name that it has, so the rows are
-- kept aside while the table is made again.
CREATE TABLE sessions_of_users (
  token_hash  TEXT NOT NULL,
  user_id     BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  seen_at     BIGINT NOT NULL
);
INSERT INTO sessions_of_users SELECT token_hash, user_id, created_at, seen_at FROM sessions;
DROP TABLE sessions;
DROP TABLE users;
CREATE TABLE sessions (
  token_hash  TEXT NOT NULL,
  account_id  BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,
  seen_at     BIGINT NOT NULL,
  CONSTRAINT sessions_pk PRIMARY KEY (token_hash),
  CONSTRAINT sessions_account FOREIGN KEY (account_id) REFERENCES accounts (id)
);
INSERT INTO sessions (token_hash, account_id, created_at, seen_at)
  SELECT token_hash, user_id, created_at, seen_at FROM sessions_of_users;
DROP TABLE sessions_of_users;

-- Who acted may be no account: the command line, or an upgrade.
ALTER TABLE moderation_log RENAME COLUMN user_name TO actor;

CREATE TABLE outbox (
  id            BIGINT NOT NULL,
  kind          TEXT NOT NULL,
  site_id       BIGINT NOT NULL DEFAULT 0,
  thread_id     BIGINT NOT NULL DEFAULT 0,
  comment_id    BIGINT NOT NULL DEFAULT 0,
  payload       TEXT NOT NULL DEFAULT '{}',
  created_at    BIGINT NOT NULL,
  attempts      BIGINT NOT NULL DEFAULT 0,
  not_before    BIGINT NOT NULL,
  leased_until  BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT outbox_pk PRIMARY KEY (id)
);
CREATE INDEX outbox_due ON outbox (kind, not_before, id);
