-- What the people of a village do (duties.yaml), and who of them does what. A duty that left the file is not listed any more; posts keep it.
CREATE TABLE duties (
  code   VARCHAR(32)  NOT NULL,
  title  VARCHAR(128) NOT NULL,
  text   VARCHAR(255) NOT NULL,
  roles  VARCHAR(255) NOT NULL,
  sort   INTEGER      NOT NULL,
  listed BOOLEAN      NOT NULL,
  PRIMARY KEY (code)
);

CREATE TABLE post_duties (
  post VARCHAR(36) NOT NULL,
  duty VARCHAR(32) NOT NULL,
  PRIMARY KEY (post, duty)
);
CREATE INDEX posts_area ON posts (area, id);
