CREATE TABLE files (
  id            VARCHAR(36) NOT NULL,
  owner         VARCHAR(36) NOT NULL,
  kind          VARCHAR(32) NOT NULL,
  object        VARCHAR(36) NOT NULL,
  area          VARCHAR(14) NOT NULL,
  sha256_sent   VARCHAR(64) NOT NULL,
  sha256_stored VARCHAR(64) NOT NULL,
  size          BIGINT      NOT NULL,
  width         INTEGER     NOT NULL,
  height        INTEGER     NOT NULL,
  name          VARCHAR(40) NOT NULL,
  created_at    DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name)
);
CREATE INDEX files_owner ON files (owner, created_at);
CREATE INDEX files_object ON files (object, created_at);
