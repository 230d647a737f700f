CREATE TABLE phone_proofs (
  person    VARCHAR(36) NOT NULL,
  how       VARCHAR(16) NOT NULL,
  proven_at DATETIME    NOT NULL,
  PRIMARY KEY (person)
);

CREATE TABLE bind_codes (
  person     VARCHAR(36) NOT NULL,
  mac        VARCHAR(64) NOT NULL,
  made_by    VARCHAR(36) NOT NULL,
  made_at    DATETIME    NOT NULL,
  expires_at DATETIME    NOT NULL,
  used_at    DATETIME    NULL,
  PRIMARY KEY (person),
  UNIQUE (mac)
);

CREATE TABLE sms_codes (
  phone        VARCHAR(64) NOT NULL,
  mac          VARCHAR(64) NOT NULL,
  expires_at   DATETIME    NOT NULL,
  tries        INTEGER     NOT NULL,
  used_at      DATETIME    NULL,
  choice       VARCHAR(64) NULL,
  choice_until DATETIME    NULL,
  PRIMARY KEY (phone),
  UNIQUE (choice)
);
CREATE INDEX sms_codes_expires ON sms_codes (expires_at);
