CREATE TABLE items (
  id      VARCHAR(36) NOT NULL,
  seq     INTEGER     NOT NULL,
  version INTEGER     NOT NULL,
  retired BOOLEAN     NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE item_versions (
  item         VARCHAR(36) NOT NULL,
  version      INTEGER     NOT NULL,
  body         MEDIUMTEXT  NOT NULL,
  published_at DATETIME    NOT NULL,
  person       VARCHAR(36) NOT NULL,
  PRIMARY KEY (item, version)
);

CREATE TABLE codes (
  code    VARCHAR(12) NOT NULL,
  kind    VARCHAR(16) NOT NULL,
  object  VARCHAR(36) NOT NULL,
  village VARCHAR(12) NOT NULL,
  printed BOOLEAN     NOT NULL,
  PRIMARY KEY (code)
);

CREATE TABLE places (
  seq     INTEGER      NOT NULL,
  kind    VARCHAR(32)  NOT NULL,
  name    VARCHAR(100) NOT NULL,
  area    VARCHAR(14)  NOT NULL,
  address VARCHAR(200) NOT NULL,
  hours   VARCHAR(200) NOT NULL,
  phone   VARCHAR(40)  NOT NULL,
  PRIMARY KEY (seq)
);

CREATE TABLE catalog_state (
  id           INTEGER  NOT NULL,
  revision     BIGINT   NOT NULL,
  published_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE scans (
  code  VARCHAR(12) NOT NULL,
  day   DATE        NOT NULL,
  scans BIGINT      NOT NULL,
  PRIMARY KEY (code, day)
);
