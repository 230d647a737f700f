CREATE TABLE notices (
  id         VARCHAR(36) NOT NULL,
  number     VARCHAR(24) NOT NULL,
  code       VARCHAR(12) NOT NULL,
  query_mac  VARCHAR(64) NOT NULL,
  item       VARCHAR(36) NOT NULL,
  version    INTEGER     NOT NULL,
  answers    BLOB        NOT NULL,
  name       BLOB        NULL,
  county     VARCHAR(6)  NOT NULL,
  town       VARCHAR(9)  NOT NULL,
  village    VARCHAR(12) NOT NULL,
  created_at DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (number),
  UNIQUE (code)
);
CREATE INDEX notices_village ON notices (village, id);
