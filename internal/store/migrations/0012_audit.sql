CREATE TABLE trail_roll (
  id    INTEGER     NOT NULL,
  areas MEDIUMTEXT  NOT NULL,
  mac   VARCHAR(64) NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX trail_area ON trail (area, id);
CREATE INDEX trail_act ON trail (act, id);

CREATE TABLE area_changes (
  id         VARCHAR(36)  NOT NULL,
  kind       VARCHAR(16)  NOT NULL,
  old        VARCHAR(14)  NOT NULL,
  new        VARCHAR(14)  NOT NULL,
  closes     VARCHAR(14)  NULL,
  name       VARCHAR(128) NOT NULL,
  day        DATE         NOT NULL,
  document   VARCHAR(128) NOT NULL,
  person     VARCHAR(36)  NOT NULL,
  created_at DATETIME     NOT NULL,
  carried_at DATETIME     NULL,
  PRIMARY KEY (id),
  UNIQUE (closes)
);
CREATE INDEX area_changes_old ON area_changes (old, id);
CREATE INDEX area_changes_new ON area_changes (new, id);
CREATE INDEX area_changes_carried ON area_changes (carried_at);
