CREATE TABLE deliveries (
  letter  VARCHAR(36) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  done_at DATETIME    NOT NULL,
  PRIMARY KEY (letter, channel)
);

CREATE TABLE troubles (
  letter  VARCHAR(36) NOT NULL,
  channel VARCHAR(32) NOT NULL,
  since   DATETIME    NOT NULL,
  PRIMARY KEY (letter, channel)
);

CREATE TABLE inbox (
  id         VARCHAR(36)  NOT NULL,
  letter     VARCHAR(36)  NOT NULL,
  person     VARCHAR(36)  NOT NULL,
  kind       VARCHAR(32)  NOT NULL,
  object     VARCHAR(36)  NOT NULL,
  text       VARCHAR(500) NOT NULL,
  created_at DATETIME     NOT NULL,
  read_at    DATETIME     NULL,
  PRIMARY KEY (id),
  UNIQUE (letter)
);
CREATE INDEX inbox_person ON inbox (person, id);

CREATE TABLE rounds (
  name   VARCHAR(64) NOT NULL,
  ran_at DATETIME    NOT NULL,
  PRIMARY KEY (name)
);
