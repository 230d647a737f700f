CREATE TABLE privacy_texts (
  version  VARCHAR(32)  NOT NULL,
  in_force DATE         NOT NULL,
  title    VARCHAR(128) NOT NULL,
  text     TEXT         NOT NULL,
  PRIMARY KEY (version)
);

CREATE TABLE actings (
  id          VARCHAR(36) NOT NULL,
  principal   VARCHAR(36) NOT NULL,
  helper      VARCHAR(36) NOT NULL,
  asked_index VARCHAR(64) NULL,
  scope       VARCHAR(16) NOT NULL,
  status      VARCHAR(16) NOT NULL,
  version     INTEGER     NOT NULL,
  open_pair   VARCHAR(80) NULL,
  consent     VARCHAR(36) NOT NULL,
  valid_from  DATE        NOT NULL,
  valid_until DATE        NOT NULL,
  ended_by    VARCHAR(36) NOT NULL,
  ended_at    DATETIME    NULL,
  created_at  DATETIME    NOT NULL,
  updated_at  DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (open_pair)
);
CREATE INDEX actings_principal ON actings (principal, id);
CREATE INDEX actings_helper ON actings (helper, status, principal);
CREATE INDEX actings_asked ON actings (asked_index, id);
CREATE INDEX actings_consent ON actings (consent);

CREATE TABLE appeal_helpers (
  appeal VARCHAR(36) NOT NULL,
  helper VARCHAR(36) NOT NULL,
  acting VARCHAR(36) NOT NULL,
  PRIMARY KEY (appeal)
);
CREATE INDEX appeal_helpers_helper ON appeal_helpers (helper, appeal);
