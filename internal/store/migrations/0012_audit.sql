CREATE TABLE trail_roll (
  id    INTEGER     NOT NULL,
  areas MEDIUMTEXT  NOT NULL,
  mac   VARCHAR(64) NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX trail_area ON trail (area, id);
CREATE INDEX trail_act ON trail (act, id);
CREATE INDEX appeals_about_person ON appeals (about_person, id);
CREATE INDEX appeals_about_office ON appeals (about_office, id);
