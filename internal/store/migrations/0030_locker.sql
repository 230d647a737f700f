-- The locker (材料复用库): kinds of papers, people's papers of these kinds with their pages, and what each was used for.
CREATE TABLE paper_kinds (
  id        VARCHAR(36)   NOT NULL,
  name      VARCHAR(64)   NOT NULL,
  materials VARCHAR(1000) NOT NULL,
  active    BOOLEAN       NOT NULL,
  place     INTEGER       NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE locker_papers (
  id            VARCHAR(36) NOT NULL,
  person        VARCHAR(36) NOT NULL,
  kind          VARCHAR(36) NOT NULL,
  valid_until   DATE        NULL,
  consent       VARCHAR(36) NOT NULL,
  consent_until DATE        NOT NULL,
  over_on       DATE        NOT NULL,
  from_case     VARCHAR(36) NOT NULL,
  put_by        VARCHAR(36) NOT NULL,
  put_role      VARCHAR(24) NOT NULL,
  uses          INTEGER     NOT NULL,
  created_at    DATETIME    NOT NULL,
  removed_at    DATETIME    NULL,
  removed_by    VARCHAR(36) NOT NULL,
  removed_why   VARCHAR(16) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX locker_papers_person ON locker_papers (person, id);
CREATE INDEX locker_papers_over ON locker_papers (over_on, id);

CREATE TABLE locker_pages (
  paper         VARCHAR(36) NOT NULL,
  place         INTEGER     NOT NULL,
  file          VARCHAR(36) NOT NULL,
  sha256_sent   VARCHAR(64) NOT NULL,
  sha256_stored VARCHAR(64) NOT NULL,
  PRIMARY KEY (paper, place)
);

CREATE TABLE locker_uses (
  id       VARCHAR(36) NOT NULL,
  paper    VARCHAR(36) NOT NULL,
  case_id  VARCHAR(36) NOT NULL,
  material VARCHAR(64) NOT NULL,
  used_by  VARCHAR(36) NOT NULL,
  role     VARCHAR(24) NOT NULL,
  used_at  DATETIME    NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX locker_uses_paper ON locker_uses (paper, id);

-- From which paper of the locker a paper of a case is; empty for none.
ALTER TABLE case_materials ADD COLUMN locker_paper VARCHAR(36) NOT NULL DEFAULT '';
