CREATE TABLE cases (
  id                   VARCHAR(36)  NOT NULL,
  number               VARCHAR(32)  NULL,
  query_mac            VARCHAR(64)  NOT NULL,
  status               VARCHAR(24)  NOT NULL,
  version              INTEGER      NOT NULL,
  item                 VARCHAR(36)  NOT NULL,
  item_version         INTEGER      NOT NULL,
  item_name            VARCHAR(255) NOT NULL,
  case_type            VARCHAR(16)  NOT NULL,
  two_persons          BOOLEAN      NOT NULL,
  notice               VARCHAR(36)  NOT NULL,
  answers              BLOB         NOT NULL,
  county               VARCHAR(6)   NOT NULL,
  town                 VARCHAR(9)   NOT NULL,
  village              VARCHAR(12)  NOT NULL,
  grid                 VARCHAR(14)  NOT NULL,
  applicant            VARCHAR(36)  NOT NULL,
  agent                VARCHAR(36)  NOT NULL,
  helper               VARCHAR(36)  NOT NULL,
  acting               VARCHAR(36)  NOT NULL,
  office               VARCHAR(36)  NOT NULL,
  window_person        VARCHAR(36)  NOT NULL,
  reviewer             VARCHAR(36)  NOT NULL,
  decider              VARCHAR(36)  NOT NULL,
  corrections          INTEGER      NOT NULL,
  extensions           INTEGER      NOT NULL,
  permit               VARCHAR(36)  NOT NULL,
  correct_on           DATE         NULL,
  legal_value          INTEGER      NOT NULL,
  legal_unit           VARCHAR(16)  NOT NULL,
  promised_value       INTEGER      NOT NULL,
  promised_unit        VARCHAR(16)  NOT NULL,
  notice_on            DATE         NULL,
  notice_provisional   BOOLEAN      NOT NULL,
  legal_on             DATE         NULL,
  legal_at             DATETIME     NULL,
  legal_provisional    BOOLEAN      NOT NULL,
  promised_on          DATE         NULL,
  promised_at          DATETIME     NULL,
  promised_provisional BOOLEAN      NOT NULL,
  deliver_on           DATE         NULL,
  started_at           DATETIME     NULL,
  warn_at              DATETIME     NULL,
  late_at              DATETIME     NULL,
  light                VARCHAR(8)   NOT NULL,
  next_at              DATETIME     NULL,
  counted_with         VARCHAR(16)  NULL,
  created_at           DATETIME     NOT NULL,
  applied_at           DATETIME     NULL,
  received_at          DATETIME     NULL,
  noticed_from         DATETIME     NULL,
  accepted_at          DATETIME     NULL,
  decided_at           DATETIME     NULL,
  delivered_at         DATETIME     NULL,
  concluded_at         DATETIME     NULL,
  deemed               BOOLEAN      NOT NULL,
  updated_at           DATETIME     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (number)
);
CREATE INDEX cases_county ON cases (county, status, id);
CREATE INDEX cases_town ON cases (town, status, id);
CREATE INDEX cases_village ON cases (village, status, id);
CREATE INDEX cases_grid ON cases (grid, status, id);
CREATE INDEX cases_county_all ON cases (county, id);
CREATE INDEX cases_town_all ON cases (town, id);
CREATE INDEX cases_village_all ON cases (village, id);
CREATE INDEX cases_applicant ON cases (applicant, id);
CREATE INDEX cases_office ON cases (office, status, id);
CREATE INDEX cases_office_all ON cases (office, id);
CREATE INDEX cases_warn ON cases (light, warn_at, id);
CREATE INDEX cases_late ON cases (light, late_at, id);
CREATE INDEX cases_next ON cases (next_at, id);
CREATE INDEX cases_counted ON cases (counted_with, id);

CREATE TABLE case_materials (
  id          VARCHAR(36) NOT NULL,
  case_id     VARCHAR(36) NOT NULL,
  material    VARCHAR(64) NOT NULL,
  place       INTEGER     NOT NULL,
  necessity   VARCHAR(16) NOT NULL,
  state       VARCHAR(16) NOT NULL,
  taken_as    VARCHAR(16) NOT NULL,
  copies      INTEGER     NOT NULL,
  changed_in  INTEGER     NOT NULL,
  changed_at  DATETIME    NULL,
  PRIMARY KEY (id),
  UNIQUE (case_id, material)
);
CREATE INDEX case_materials_case ON case_materials (case_id, place, id);

CREATE TABLE case_corrections (
  id          VARCHAR(36) NOT NULL,
  case_id     VARCHAR(36) NOT NULL,
  number      INTEGER     NOT NULL,
  office      VARCHAR(36) NOT NULL,
  asked_by    VARCHAR(36) NOT NULL,
  asked_at    DATETIME    NOT NULL,
  answered_at DATETIME    NULL,
  repeated    BOOLEAN     NOT NULL,
  permit      VARCHAR(36) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (case_id, number)
);
CREATE INDEX case_corrections_office ON case_corrections (office, repeated, id);

CREATE TABLE case_defects (
  id          VARCHAR(36) NOT NULL,
  correction  VARCHAR(36) NOT NULL,
  place       INTEGER     NOT NULL,
  material    VARCHAR(64) NOT NULL,
  reason      VARCHAR(32) NOT NULL,
  text        BLOB        NOT NULL,
  earlier     BOOLEAN     NOT NULL,
  answer      BLOB        NULL,
  PRIMARY KEY (id)
);
CREATE INDEX case_defects_correction ON case_defects (correction, place);

CREATE TABLE case_periods (
  id          VARCHAR(36) NOT NULL,
  case_id     VARCHAR(36) NOT NULL,
  version     INTEGER     NOT NULL,
  kind        VARCHAR(16) NOT NULL,
  code        VARCHAR(32) NOT NULL,
  started_at  DATETIME    NOT NULL,
  ended_at    DATETIME    NULL,
  until_on    DATE        NULL,
  days        INTEGER     NOT NULL,
  unit        VARCHAR(16) NOT NULL,
  approver    BLOB        NULL,
  PRIMARY KEY (id)
);
CREATE INDEX case_periods_case ON case_periods (case_id, version);

CREATE TABLE case_decisions (
  id          VARCHAR(36) NOT NULL,
  case_id     VARCHAR(36) NOT NULL,
  outcome     VARCHAR(16) NOT NULL,
  reason      VARCHAR(32) NOT NULL,
  text        BLOB        NULL,
  remedies    BLOB        NULL,
  reviewer    VARCHAR(36) NOT NULL,
  decider     VARCHAR(36) NOT NULL,
  decided_at  DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (case_id)
);

CREATE TABLE case_deliveries (
  id           VARCHAR(36) NOT NULL,
  case_id      VARCHAR(36) NOT NULL,
  method       VARCHAR(16) NOT NULL,
  relation     VARCHAR(16) NOT NULL,
  receiver     BLOB        NOT NULL,
  proof        BLOB        NULL,
  delivered_by VARCHAR(36) NOT NULL,
  delivered_at DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (case_id)
);

CREATE TABLE case_events (
  id          VARCHAR(36)  NOT NULL,
  case_id     VARCHAR(36)  NOT NULL,
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
CREATE INDEX case_events_case ON case_events (case_id, version, id);
