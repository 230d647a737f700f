CREATE TABLE office_changes (
  id          VARCHAR(36)  NOT NULL,
  kind        VARCHAR(16)  NOT NULL,
  office      VARCHAR(36)  NOT NULL,
  closes      VARCHAR(36)  NULL,
  name        VARCHAR(128) NOT NULL,
  office_kind VARCHAR(32)  NOT NULL,
  address     VARCHAR(255) NOT NULL,
  hours       VARCHAR(255) NOT NULL,
  phone       VARCHAR(64)  NOT NULL,
  day         DATE         NOT NULL,
  document    VARCHAR(128) NOT NULL,
  person      VARCHAR(36)  NOT NULL,
  created_at  DATETIME     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (closes)
);
CREATE INDEX office_changes_office ON office_changes (office, id);
