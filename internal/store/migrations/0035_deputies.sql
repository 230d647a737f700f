-- Who stands in for whom in a post, and on which days (AB岗).
CREATE TABLE deputies (
  id          VARCHAR(36) NOT NULL,
  person      VARCHAR(36) NOT NULL,
  post        VARCHAR(36) NOT NULL,
  deputy      VARCHAR(36) NOT NULL,
  deputy_post VARCHAR(36) NOT NULL,
  office      VARCHAR(36) NOT NULL,
  role        VARCHAR(24) NOT NULL,
  first_on    DATE        NOT NULL,
  last_on     DATE        NOT NULL,
  named_at    DATETIME    NOT NULL,
  ended_at    DATETIME    NULL,
  PRIMARY KEY (id)
);
CREATE INDEX deputies_post ON deputies (post, id);
CREATE INDEX deputies_deputy ON deputies (deputy_post, id);
CREATE INDEX deputies_office ON deputies (office, id);
