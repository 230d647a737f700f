CREATE TABLE wechat_pushes (
  id         VARCHAR(36) NOT NULL,
  mark       VARCHAR(64) NOT NULL,
  event      VARCHAR(64) NOT NULL,
  person     VARCHAR(64) NOT NULL,
  body       BLOB        NOT NULL,
  sent_at    DATETIME    NOT NULL,
  created_at DATETIME    NOT NULL,
  done_at    DATETIME    NULL,
  PRIMARY KEY (id),
  UNIQUE (mark)
);
CREATE INDEX wechat_pushes_event ON wechat_pushes (event, id);
