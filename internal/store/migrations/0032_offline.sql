-- Acts that a clerk's phone queued without a network: each key stays on its row, with what was made of it.
CREATE TABLE offline_acts (
  id         VARCHAR(36) NOT NULL,
  person     VARCHAR(36) NOT NULL,
  act_key    VARCHAR(36) NOT NULL,
  line       VARCHAR(36) NOT NULL,
  seq        INTEGER     NOT NULL,
  village    VARCHAR(12) NOT NULL,
  act        VARCHAR(40) NOT NULL,
  digest     VARCHAR(64) NOT NULL,
  thing_kind VARCHAR(16) NOT NULL,
  thing      VARCHAR(36) NOT NULL,
  part       VARCHAR(36) NOT NULL,
  answer     BLOB        NULL,
  done_at    DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (person, act_key),
  UNIQUE (person, line, seq)
);
CREATE INDEX offline_acts_village ON offline_acts (village, id);
