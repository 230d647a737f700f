-- What is done about a poor rating (差评整改). A row has the id of its rating.
CREATE TABLE redresses (
  id           VARCHAR(36) NOT NULL,
  kind         VARCHAR(16) NOT NULL,
  object       VARCHAR(36) NOT NULL,
  number       VARCHAR(32) NOT NULL,
  county       VARCHAR(6)  NOT NULL,
  town         VARCHAR(9)  NOT NULL,
  village      VARCHAR(12) NOT NULL,
  office       VARCHAR(36) NOT NULL,
  level        INTEGER     NOT NULL,
  status       VARCHAR(24) NOT NULL,
  version      INTEGER     NOT NULL,
  finding      VARCHAR(16) NOT NULL,
  due_on       DATE        NULL,
  provisional  BOOLEAN     NOT NULL,
  started_at   DATETIME    NULL,
  warn_at      DATETIME    NULL,
  late_at      DATETIME    NULL,
  light        VARCHAR(8)  NOT NULL,
  counted_with VARCHAR(16) NULL,
  created_at   DATETIME    NOT NULL,
  contacted_at DATETIME    NULL,
  corrected_at DATETIME    NULL,
  answered_at  DATETIME    NULL,
  closed_at    DATETIME    NULL,
  updated_at   DATETIME    NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX redresses_county ON redresses (county, status, id);
CREATE INDEX redresses_town ON redresses (town, status, id);
CREATE INDEX redresses_village ON redresses (village, status, id);
CREATE INDEX redresses_office ON redresses (office, status, id);
CREATE INDEX redresses_county_all ON redresses (county, id);
CREATE INDEX redresses_town_all ON redresses (town, id);
CREATE INDEX redresses_village_all ON redresses (village, id);
CREATE INDEX redresses_office_all ON redresses (office, id);
CREATE INDEX redresses_object ON redresses (kind, object);
CREATE INDEX redresses_warn ON redresses (light, warn_at, id);
CREATE INDEX redresses_late ON redresses (light, late_at, id);
CREATE INDEX redresses_counted ON redresses (counted_with, id);

CREATE TABLE redress_events (
  id          VARCHAR(36) NOT NULL,
  redress     VARCHAR(36) NOT NULL,
  version     INTEGER     NOT NULL,
  at          DATETIME    NOT NULL,
  act         VARCHAR(24) NOT NULL,
  from_status VARCHAR(24) NOT NULL,
  to_status   VARCHAR(24) NOT NULL,
  actor       VARCHAR(36) NOT NULL,
  role        VARCHAR(24) NOT NULL,
  text        BLOB        NULL,
  code        VARCHAR(32) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX redress_events_redress ON redress_events (redress, version, id);
