-- The documents of a case, each with its number in the series of its office and year, and how far each series has come.
CREATE TABLE document_series (
  office VARCHAR(36) NOT NULL,
  series VARCHAR(16) NOT NULL,
  year   INTEGER     NOT NULL,
  last   INTEGER     NOT NULL,
  PRIMARY KEY (office, series, year)
);

CREATE TABLE case_documents (
  id           VARCHAR(36) NOT NULL,
  case_id      VARCHAR(36) NOT NULL,
  version      INTEGER     NOT NULL,
  kind         VARCHAR(24) NOT NULL,
  office       VARCHAR(36) NOT NULL,
  series       VARCHAR(16) NOT NULL,
  year         INTEGER     NOT NULL,
  sequence     INTEGER     NOT NULL,
  text_version INTEGER     NOT NULL,
  data         BLOB        NOT NULL,
  hash         VARCHAR(64) NOT NULL,
  code         VARCHAR(32) NOT NULL,
  made_at      DATETIME    NOT NULL,
  made_by      VARCHAR(36) NOT NULL,
  role         VARCHAR(24) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (office, series, year, sequence),
  UNIQUE (code)
);
CREATE INDEX case_documents_case ON case_documents (case_id, id);
