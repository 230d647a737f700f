CREATE TABLE areas (
  code   VARCHAR(14)  NOT NULL,
  name   VARCHAR(128) NOT NULL,
  level  VARCHAR(8)   NOT NULL,
  parent VARCHAR(14)  NOT NULL,
  sort   INTEGER      NOT NULL,
  PRIMARY KEY (code)
);
CREATE INDEX areas_parent ON areas (parent, sort, code);

CREATE TABLE offices (
  id         VARCHAR(36)  NOT NULL,
  code       VARCHAR(32)  NOT NULL,
  name       VARCHAR(128) NOT NULL,
  kind       VARCHAR(32)  NOT NULL,
  area       VARCHAR(14)  NOT NULL,
  county     VARCHAR(6)   NOT NULL,
  town       VARCHAR(9)   NOT NULL,
  village    VARCHAR(12)  NOT NULL,
  address    VARCHAR(255) NOT NULL,
  hours      VARCHAR(255) NOT NULL,
  phone      VARCHAR(64)  NOT NULL,
  created_at DATETIME     NOT NULL,
  updated_at DATETIME     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (code)
);
CREATE INDEX offices_area ON offices (area, code);
CREATE INDEX offices_county ON offices (county, code);

CREATE TABLE persons (
  id            VARCHAR(36)  NOT NULL,
  kind          VARCHAR(16)  NOT NULL,
  name          BLOB         NULL,
  phone         BLOB         NULL,
  id_number     BLOB         NULL,
  phone_index   VARCHAR(64)  NULL,
  id_index      VARCHAR(64)  NULL,
  wechat_index  VARCHAR(64)  NULL,
  county        VARCHAR(6)   NOT NULL,
  town          VARCHAR(9)   NOT NULL,
  village       VARCHAR(12)  NOT NULL,
  grid          VARCHAR(14)  NOT NULL,
  username      VARCHAR(128) NULL,
  password      VARCHAR(160) NOT NULL,
  must_change   BOOLEAN      NOT NULL,
  token_version INTEGER      NOT NULL,
  demo          BOOLEAN      NOT NULL,
  disabled_at   DATETIME     NULL,
  version       INTEGER      NOT NULL,
  created_at    DATETIME     NOT NULL,
  updated_at    DATETIME     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (username),
  UNIQUE (wechat_index),
  UNIQUE (village, id_index)
);
CREATE INDEX persons_county ON persons (county, kind, id);
CREATE INDEX persons_village ON persons (village, kind, id);
CREATE INDEX persons_grid ON persons (grid, kind, id);
CREATE INDEX persons_phone ON persons (phone_index);
CREATE INDEX persons_id_number ON persons (id_index);
CREATE INDEX persons_demo ON persons (demo);

CREATE TABLE posts (
  id          VARCHAR(36)  NOT NULL,
  person      VARCHAR(36)  NOT NULL,
  role        VARCHAR(32)  NOT NULL,
  title       VARCHAR(128) NOT NULL,
  office      VARCHAR(36)  NOT NULL,
  area        VARCHAR(14)  NOT NULL,
  valid_from  DATE         NOT NULL,
  valid_until DATE         NULL,
  created_at  DATETIME     NOT NULL,
  updated_at  DATETIME     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (person, role, office, area)
);
CREATE INDEX posts_office ON posts (office, role);

CREATE TABLE sessions (
  id           VARCHAR(36) NOT NULL,
  person       VARCHAR(36) NOT NULL,
  post         VARCHAR(36) NOT NULL,
  ver          INTEGER     NOT NULL,
  device       VARCHAR(64) NOT NULL,
  generation   INTEGER     NOT NULL,
  refresh_hash VARCHAR(64) NOT NULL,
  rotated_at   DATETIME    NOT NULL,
  created_at   DATETIME    NOT NULL,
  seen_at      DATETIME    NOT NULL,
  idle_until   DATETIME    NOT NULL,
  ends_at      DATETIME    NOT NULL,
  ended_at     DATETIME    NULL,
  why          VARCHAR(32) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX sessions_person ON sessions (person, id);

CREATE TABLE devices (
  person  VARCHAR(36) NOT NULL,
  device  VARCHAR(64) NOT NULL,
  last_at DATETIME    NOT NULL,
  PRIMARY KEY (person, device)
);

CREATE TABLE consents (
  id           VARCHAR(36) NOT NULL,
  person       VARCHAR(36) NOT NULL,
  kind         VARCHAR(32) NOT NULL,
  text_version VARCHAR(32) NOT NULL,
  how          VARCHAR(16) NOT NULL,
  given_by     VARCHAR(36) NOT NULL,
  recorded_by  VARCHAR(36) NOT NULL,
  at           DATETIME    NOT NULL,
  withdrawn_at DATETIME    NULL,
  PRIMARY KEY (id)
);
CREATE INDEX consents_person ON consents (person, kind, id);
