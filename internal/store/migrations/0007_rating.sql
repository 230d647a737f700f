CREATE TABLE ratings (
  id         VARCHAR(36) NOT NULL,
  kind       VARCHAR(16) NOT NULL,
  object     VARCHAR(36) NOT NULL,
  person     VARCHAR(36) NOT NULL,
  county     VARCHAR(6)  NOT NULL,
  town       VARCHAR(9)  NOT NULL,
  village    VARCHAR(12) NOT NULL,
  level      INTEGER     NOT NULL,
  solved     BOOLEAN     NULL,
  text       BLOB        NULL,
  by_agent   VARCHAR(36) NOT NULL,
  consent    VARCHAR(16) NOT NULL,
  created_at DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (kind, object)
);
CREATE INDEX ratings_county ON ratings (county, id);
CREATE INDEX ratings_town ON ratings (town, id);
CREATE INDEX ratings_village ON ratings (village, id);
