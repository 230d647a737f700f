-- The second rating (追评) of what was rated, one for each. A row has the id of the first one, which says of what and by whom.
CREATE TABLE rating_additions (
  id         VARCHAR(36) NOT NULL,
  level      INTEGER     NOT NULL,
  text       BLOB        NULL,
  by_agent   VARCHAR(36) NOT NULL,
  consent    VARCHAR(16) NOT NULL,
  created_at DATETIME    NOT NULL,
  PRIMARY KEY (id)
);
