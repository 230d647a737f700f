-- What offices are asked for their opinion on a case (联合办理，征求意见), and what they say. It is open as long as its status is asked.
CREATE TABLE case_opinions (
  id          VARCHAR(36) NOT NULL,
  case_id     VARCHAR(36) NOT NULL,
  number      VARCHAR(32) NOT NULL,
  item_name   VARCHAR(255) NOT NULL,
  lead_office VARCHAR(36) NOT NULL,
  office      VARCHAR(36) NOT NULL,
  status      VARCHAR(16) NOT NULL,
  question    BLOB        NOT NULL,
  due_on      DATE        NOT NULL,
  asked_by    VARCHAR(36) NOT NULL,
  asked_at    DATETIME    NOT NULL,
  reminders   INTEGER     NOT NULL,
  reminded_at DATETIME    NULL,
  position    VARCHAR(16) NOT NULL,
  text        BLOB        NULL,
  given_by    VARCHAR(36) NOT NULL,
  ended_at    DATETIME    NULL,
  decision    VARCHAR(36) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX case_opinions_case ON case_opinions (case_id, office, status);
CREATE INDEX case_opinions_office ON case_opinions (office, status, id);
CREATE INDEX case_opinions_office_all ON case_opinions (office, id);
