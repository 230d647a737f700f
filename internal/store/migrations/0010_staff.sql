-- A second factor (TOTP, RFC 6238) of a member of the staff; last_step is the newest time step whose code was used.
CREATE TABLE totp (
  id           VARCHAR(36) NOT NULL,
  person       VARCHAR(36) NOT NULL,
  secret       BLOB        NOT NULL,
  last_step    BIGINT      NOT NULL,
  confirmed_at DATETIME    NULL,
  created_at   DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (person)
);

CREATE TABLE recovery_codes (
  person  VARCHAR(36) NOT NULL,
  mac     VARCHAR(64) NOT NULL,
  used_at DATETIME    NULL,
  PRIMARY KEY (person, mac)
);

-- Posts that were given or ended by a call: the county's staff.csv does not change them any more.
CREATE TABLE called_posts (
  post VARCHAR(36) NOT NULL,
  PRIMARY KEY (post)
);
