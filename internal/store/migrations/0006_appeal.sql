CREATE TABLE appeals (
  id              VARCHAR(36)  NOT NULL,
  number          VARCHAR(32)  NOT NULL,
  query_mac       VARCHAR(64)  NOT NULL,
  status          VARCHAR(24)  NOT NULL,
  version         INTEGER      NOT NULL,
  class           VARCHAR(16)  NOT NULL,
  category        VARCHAR(80)  NOT NULL,
  urgency         VARCHAR(16)  NOT NULL,
  text            BLOB         NOT NULL,
  place           BLOB         NULL,
  county          VARCHAR(6)   NOT NULL,
  town            VARCHAR(9)   NOT NULL,
  village         VARCHAR(12)  NOT NULL,
  grid            VARCHAR(14)  NOT NULL,
  identity        VARCHAR(16)  NOT NULL,
  applicant       VARCHAR(36)  NOT NULL,
  agent           VARCHAR(36)  NOT NULL,
  about_office    VARCHAR(36)  NOT NULL,
  about_person    VARCHAR(36)  NOT NULL,
  office          VARCHAR(36)  NOT NULL,
  owner           VARCHAR(36)  NOT NULL,
  decided_office  VARCHAR(36)  NOT NULL,
  master          VARCHAR(36)  NOT NULL,
  previous        VARCHAR(36)  NOT NULL,
  send_backs      INTEGER      NOT NULL,
  redos           INTEGER      NOT NULL,
  urges           INTEGER      NOT NULL,
  supervisions    INTEGER      NOT NULL,
  supervise_on    DATE         NULL,
  attempts        INTEGER      NOT NULL,
  extensions      INTEGER      NOT NULL,
  contact_by      DATETIME     NOT NULL,
  due_on          DATE         NOT NULL,
  due_at          DATETIME     NULL,
  due_provisional BOOLEAN      NOT NULL,
  started_at      DATETIME     NOT NULL,
  warn_at         DATETIME     NULL,
  late_at         DATETIME     NULL,
  light           VARCHAR(8)   NOT NULL,
  next_at         DATETIME     NULL,
  created_at      DATETIME     NOT NULL,
  accepted_at     DATETIME     NULL,
  dispatched_at   DATETIME     NULL,
  acknowledged_at DATETIME     NULL,
  contacted_at    DATETIME     NULL,
  shelved_at      DATETIME     NULL,
  review_on       DATE         NULL,
  replied_at      DATETIME     NULL,
  followed_up_at  DATETIME     NULL,
  rated_at        DATETIME     NULL,
  concluded_at    DATETIME     NULL,
  updated_at      DATETIME     NOT NULL,
  solved          BOOLEAN      NULL,
  PRIMARY KEY (id),
  UNIQUE (number)
);
CREATE INDEX appeals_county ON appeals (county, status, id);
CREATE INDEX appeals_town ON appeals (town, status, id);
CREATE INDEX appeals_village ON appeals (village, status, id);
CREATE INDEX appeals_grid ON appeals (grid, status, id);
CREATE INDEX appeals_county_all ON appeals (county, id);
CREATE INDEX appeals_town_all ON appeals (town, id);
CREATE INDEX appeals_village_all ON appeals (village, id);
CREATE INDEX appeals_grid_all ON appeals (grid, id);
CREATE INDEX appeals_applicant ON appeals (applicant, id);
CREATE INDEX appeals_office ON appeals (office, status, id);
CREATE INDEX appeals_owner ON appeals (owner, status, id);
CREATE INDEX appeals_master ON appeals (master, id);
CREATE INDEX appeals_warn ON appeals (light, warn_at, id);
CREATE INDEX appeals_late ON appeals (light, late_at, id);
CREATE INDEX appeals_next ON appeals (next_at, id);
CREATE INDEX appeals_provisional ON appeals (due_provisional, id);

CREATE TABLE appeal_offices (
  appeal      VARCHAR(36) NOT NULL,
  office      VARCHAR(36) NOT NULL,
  leads       BOOLEAN     NOT NULL,
  PRIMARY KEY (appeal, office)
);
CREATE INDEX appeal_offices_office ON appeal_offices (office, appeal);

CREATE TABLE appeal_events (
  id          VARCHAR(36)  NOT NULL,
  appeal      VARCHAR(36)  NOT NULL,
  version     INTEGER      NOT NULL,
  at          DATETIME     NOT NULL,
  act         VARCHAR(24)  NOT NULL,
  from_status VARCHAR(24)  NOT NULL,
  to_status   VARCHAR(24)  NOT NULL,
  actor       VARCHAR(36)  NOT NULL,
  role        VARCHAR(24)  NOT NULL,
  office      VARCHAR(36)  NOT NULL,
  text        BLOB         NULL,
  code        VARCHAR(32)  NOT NULL,
  visible     BOOLEAN      NOT NULL,
  data        TEXT         NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX appeal_events_appeal ON appeal_events (appeal, version, id);
