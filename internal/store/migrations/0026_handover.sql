-- What is to be told to the county's own platform about a case, in order, frozen as it was told; and what the platform calls it.
ALTER TABLE cases ADD COLUMN county_number VARCHAR(64) NOT NULL DEFAULT '';
CREATE INDEX cases_county_number ON cases (county_number, id);

ALTER TABLE case_defects ADD COLUMN county_id VARCHAR(64) NOT NULL DEFAULT '';

CREATE TABLE case_handovers (
  id         VARCHAR(36) NOT NULL,
  case_id    VARCHAR(36) NOT NULL,
  nth        INTEGER     NOT NULL,
  act        VARCHAR(16) NOT NULL,
  status     VARCHAR(16) NOT NULL,
  content    MEDIUMBLOB  NULL,
  made_at    DATETIME    NOT NULL,
  settled_at DATETIME    NULL,
  settled_by VARCHAR(36) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (case_id, nth)
);
CREATE INDEX case_handovers_status ON case_handovers (status, id);
