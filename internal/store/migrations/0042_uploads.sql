-- Uploads that come in pieces (断点续传): what was announced, how far it has come, and the pieces in the folder of photos.
CREATE TABLE uploads (
  id         VARCHAR(36) NOT NULL,
  owner      VARCHAR(36) NOT NULL,
  area       VARCHAR(14) NOT NULL,
  sha256     VARCHAR(64) NOT NULL,
  size       BIGINT      NOT NULL,
  received   BIGINT      NOT NULL,
  file       VARCHAR(36) NOT NULL,
  created_at DATETIME    NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX uploads_owner ON uploads (owner, id);
CREATE INDEX uploads_age ON uploads (created_at, id);

CREATE TABLE upload_pieces (
  upload   VARCHAR(36) NOT NULL,
  at       BIGINT      NOT NULL,
  size     BIGINT      NOT NULL,
  name     VARCHAR(40) NOT NULL,
  PRIMARY KEY (upload, at),
  UNIQUE (name)
);
