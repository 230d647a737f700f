-- closed_at: the account is closed (注销); the row stays, with nothing personal in it.
ALTER TABLE persons ADD COLUMN closed_at DATETIME NULL;

CREATE INDEX files_owner_id ON files (owner, id);

-- What a resident asks to have corrected (更正). open_field holds person and field while it is open, so it is asked once.
CREATE TABLE corrections (
  id         VARCHAR(36) NOT NULL,
  person     VARCHAR(36) NOT NULL,
  village    VARCHAR(12) NOT NULL,
  field      VARCHAR(16) NOT NULL,
  value      BLOB        NULL,
  reason     BLOB        NULL,
  answer     BLOB        NULL,
  status     VARCHAR(16) NOT NULL,
  version    INTEGER     NOT NULL,
  open_field VARCHAR(56) NULL,
  decided_by VARCHAR(36) NOT NULL,
  decided_at DATETIME    NULL,
  created_at DATETIME    NOT NULL,
  updated_at DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (open_field)
);
CREATE INDEX corrections_person ON corrections (person, id);
CREATE INDEX corrections_village ON corrections (village, id);
CREATE INDEX corrections_open ON corrections (village, status, id);
