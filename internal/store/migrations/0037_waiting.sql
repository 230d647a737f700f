-- How long people waited for an item of late: a roll-up, counted anew each day from the index below.
CREATE TABLE case_waits (
  item       VARCHAR(36) NOT NULL,
  months     INTEGER     NOT NULL,
  until_on   DATE        NOT NULL,
  decided    INTEGER     NOT NULL,
  median     INTEGER     NOT NULL,
  p90        INTEGER     NOT NULL,
  counted_at DATETIME    NOT NULL,
  PRIMARY KEY (item)
);
CREATE INDEX cases_decided ON cases (item, decided_at, id, applied_at);
