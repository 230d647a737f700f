-- A birth date that was told, where no ID number says it.
ALTER TABLE persons ADD COLUMN born BLOB NULL;

-- How and before whom somebody without a phone withdrew.
ALTER TABLE consents ADD COLUMN withdrawn_by VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE consents ADD COLUMN withdrawn_how VARCHAR(16) NOT NULL DEFAULT '';
CREATE INDEX consents_given_by ON consents (given_by, id);
CREATE INDEX consents_of ON consents (person, id);

-- friend: 亲友代办; guardian: 监护, with the relation, and by which paper it was seen.
ALTER TABLE actings ADD COLUMN kind VARCHAR(16) NOT NULL DEFAULT 'friend';
ALTER TABLE actings ADD COLUMN relation VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE actings ADD COLUMN proof VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE actings ADD COLUMN why VARCHAR(32) NOT NULL DEFAULT '';

-- open_number is village and number while the household is not ended.
CREATE TABLE households (
  id          VARCHAR(36) NOT NULL,
  number      VARCHAR(64) NOT NULL,
  county      VARCHAR(6)  NOT NULL,
  town        VARCHAR(9)  NOT NULL,
  village     VARCHAR(12) NOT NULL,
  head        VARCHAR(36) NOT NULL,
  open_number VARCHAR(80) NULL,
  version     INTEGER     NOT NULL,
  ended_at    DATETIME    NULL,
  why         VARCHAR(32) NOT NULL,
  created_at  DATETIME    NOT NULL,
  updated_at  DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (open_number)
);
CREATE INDEX households_village ON households (village, id);

-- open_person is the person while he is a member: he is in one household at a time.
CREATE TABLE household_members (
  id          VARCHAR(36) NOT NULL,
  household   VARCHAR(36) NOT NULL,
  person      VARCHAR(36) NOT NULL,
  relation    VARCHAR(4)  NOT NULL,
  open_person VARCHAR(36) NULL,
  since       DATE        NOT NULL,
  until       DATE        NULL,
  why         VARCHAR(32) NOT NULL,
  created_at  DATETIME    NOT NULL,
  updated_at  DATETIME    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (open_person)
);
CREATE INDEX household_members_household ON household_members (household, id);
CREATE INDEX household_members_person ON household_members (person, id);
