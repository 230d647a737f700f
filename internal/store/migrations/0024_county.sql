-- News from the county's platform, each once; of each case how far it was applied; and the nonces of signed messages.
CREATE TABLE county_events (
  id          VARCHAR(36)  NOT NULL,
  platform    VARCHAR(32)  NOT NULL,
  event_id    VARCHAR(64)  NOT NULL,
  ref         VARCHAR(64)  NOT NULL,
  number      VARCHAR(64)  NOT NULL,
  act         VARCHAR(32)  NOT NULL,
  raw         VARCHAR(64)  NOT NULL,
  seq         INTEGER      NOT NULL,
  at          DATETIME     NULL,
  content     VARCHAR(64)  NOT NULL,
  payload     MEDIUMBLOB   NOT NULL,
  status      VARCHAR(16)  NOT NULL,
  why         VARCHAR(64)  NOT NULL,
  tries       INTEGER      NOT NULL,
  next_at     DATETIME     NOT NULL,
  received_at DATETIME     NOT NULL,
  settled_at  DATETIME     NULL,
  PRIMARY KEY (id),
  UNIQUE (platform, event_id)
);
CREATE INDEX county_events_due ON county_events (status, next_at, id);
CREATE INDEX county_events_status ON county_events (status, id);
CREATE INDEX county_events_case ON county_events (ref, number, id);

CREATE TABLE county_heads (
  platform VARCHAR(32) NOT NULL,
  ref      VARCHAR(64) NOT NULL,
  seq      INTEGER     NOT NULL,
  touched  INTEGER     NOT NULL,
  PRIMARY KEY (platform, ref)
);

CREATE TABLE county_nonces (
  platform VARCHAR(32) NOT NULL,
  nonce    VARCHAR(64) NOT NULL,
  seen_at  DATETIME    NOT NULL,
  PRIMARY KEY (platform, nonce)
);
CREATE INDEX county_nonces_seen ON county_nonces (seen_at);
