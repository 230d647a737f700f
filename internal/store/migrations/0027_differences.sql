-- What our cases and the county's list see differently, each once as long as it lasts; and when both were compared.
CREATE TABLE case_differences (
  id           VARCHAR(36) NOT NULL,
  open_key     VARCHAR(96) NULL,
  kind         VARCHAR(16) NOT NULL,
  ref          VARCHAR(64) NOT NULL,
  case_id      VARCHAR(36) NOT NULL,
  our_state    VARCHAR(24) NOT NULL,
  their_state  VARCHAR(24) NOT NULL,
  our_number   VARCHAR(64) NOT NULL,
  their_number VARCHAR(64) NOT NULL,
  found_at     DATETIME    NOT NULL,
  seen_at      DATETIME    NOT NULL,
  over_at      DATETIME    NULL,
  pulled       BOOLEAN     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (open_key)
);
CREATE INDEX case_differences_open ON case_differences (over_at, id);

CREATE TABLE case_reconciliations (
  id          VARCHAR(36) NOT NULL,
  since       DATETIME    NOT NULL,
  begun_at    DATETIME    NOT NULL,
  finished_at DATETIME    NOT NULL,
  listed      INTEGER     NOT NULL,
  asked       INTEGER     NOT NULL,
  found       INTEGER     NOT NULL,
  pulled      INTEGER     NOT NULL,
  PRIMARY KEY (id)
);
