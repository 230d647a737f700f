CREATE TABLE outbox (
  id          VARCHAR(36)  NOT NULL,
  topic       VARCHAR(64)  NOT NULL,
  kind        VARCHAR(32)  NOT NULL,
  object      VARCHAR(36)  NOT NULL,
  area        VARCHAR(14)  NOT NULL,
  data        TEXT         NOT NULL,
  status      VARCHAR(16)  NOT NULL,
  attempts    INTEGER      NOT NULL,
  next_at     DATETIME     NOT NULL,
  lease_owner VARCHAR(64)  NOT NULL,
  lease_until DATETIME     NULL,
  last_error  VARCHAR(255) NOT NULL,
  created_at  DATETIME     NOT NULL,
  done_at     DATETIME     NULL,
  PRIMARY KEY (id)
);
CREATE INDEX outbox_due ON outbox (status, next_at, id);
CREATE INDEX outbox_object ON outbox (object, id);

CREATE TABLE trail (
  id     VARCHAR(36) NOT NULL,
  area   VARCHAR(14) NOT NULL,
  day    DATE        NOT NULL,
  seq    INTEGER     NOT NULL,
  at     DATETIME    NOT NULL,
  person VARCHAR(36) NOT NULL,
  act    VARCHAR(64) NOT NULL,
  kind   VARCHAR(32) NOT NULL,
  object VARCHAR(36) NOT NULL,
  body   TEXT        NOT NULL,
  hash   VARCHAR(64) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (area, day, seq)
);
CREATE INDEX trail_object ON trail (object, id);
CREATE INDEX trail_person ON trail (person, id);

CREATE TABLE trail_heads (
  area     VARCHAR(14) NOT NULL,
  day      DATE        NOT NULL,
  prev_day VARCHAR(10) NOT NULL,
  start    VARCHAR(64) NOT NULL,
  length   INTEGER     NOT NULL,
  hash     VARCHAR(64) NOT NULL,
  mac      VARCHAR(64) NOT NULL,
  PRIMARY KEY (area, day)
);

CREATE TABLE trail_areas (
  area     VARCHAR(14) NOT NULL,
  last_day VARCHAR(10) NOT NULL,
  days     INTEGER     NOT NULL,
  mac      VARCHAR(64) NOT NULL,
  PRIMARY KEY (area)
);

CREATE TABLE idempotency (
  caller     VARCHAR(80)  NOT NULL,
  idem_key   VARCHAR(64)  NOT NULL,
  operation  VARCHAR(64)  NOT NULL,
  hash       VARCHAR(64)  NOT NULL,
  answer     MEDIUMBLOB   NULL,
  created_at DATETIME     NOT NULL,
  expires_at DATETIME     NOT NULL,
  PRIMARY KEY (caller, idem_key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE counters (
  kind VARCHAR(8)  NOT NULL,
  area VARCHAR(14) NOT NULL,
  day  DATE        NOT NULL,
  last INTEGER     NOT NULL,
  PRIMARY KEY (kind, area, day)
);

CREATE TABLE tries (
  kind    VARCHAR(32) NOT NULL,
  subject VARCHAR(96) NOT NULL,
  since   DATETIME    NOT NULL,
  used    INTEGER     NOT NULL,
  PRIMARY KEY (kind, subject)
);
CREATE INDEX tries_since ON tries (since);
