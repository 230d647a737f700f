-- Errands: what a villager entrusts to the village's clerk, each beside one case; its papers in and out, and its history.
CREATE TABLE errands (
  id                VARCHAR(36)  NOT NULL,
  number            VARCHAR(32)  NOT NULL,
  status            VARCHAR(24)  NOT NULL,
  version           INTEGER      NOT NULL,
  case_id           VARCHAR(36)  NOT NULL,
  open_case         VARCHAR(36)  NULL,
  item              VARCHAR(36)  NOT NULL,
  item_name         VARCHAR(255) NOT NULL,
  county            VARCHAR(6)   NOT NULL,
  town              VARCHAR(9)   NOT NULL,
  village           VARCHAR(12)  NOT NULL,
  grid              VARCHAR(14)  NOT NULL,
  principal         VARCHAR(36)  NOT NULL,
  agent             VARCHAR(36)  NOT NULL,
  relation          VARCHAR(16)  NOT NULL,
  entruster         BLOB         NULL,
  scope             BLOB         NOT NULL,
  powers            VARCHAR(128) NOT NULL,
  valid_from        DATE         NOT NULL,
  valid_until       DATE         NOT NULL,
  method            VARCHAR(16)  NOT NULL,
  signature_sha256  VARCHAR(64)  NOT NULL,
  witness_one       BLOB         NULL,
  witness_two       BLOB         NULL,
  identity_how      VARCHAR(24)  NOT NULL,
  identity_document VARCHAR(24)  NOT NULL,
  identity_by       VARCHAR(36)  NOT NULL,
  identity_at       DATETIME     NULL,
  receiver          BLOB         NULL,
  receiver_relation VARCHAR(16)  NOT NULL,
  receipt           BLOB         NULL,
  next_at           DATETIME     NULL,
  created_at        DATETIME     NOT NULL,
  filed_at          DATETIME     NULL,
  result_at         DATETIME     NULL,
  handed_at         DATETIME     NULL,
  updated_at        DATETIME     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (number),
  UNIQUE (open_case)
);
CREATE INDEX errands_case ON errands (case_id, id);
CREATE INDEX errands_county ON errands (county, status, id);
CREATE INDEX errands_town ON errands (town, status, id);
CREATE INDEX errands_village ON errands (village, status, id);
CREATE INDEX errands_county_all ON errands (county, id);
CREATE INDEX errands_town_all ON errands (town, id);
CREATE INDEX errands_village_all ON errands (village, id);
CREATE INDEX errands_grid ON errands (grid, status, id);
CREATE INDEX errands_principal ON errands (principal, id);
CREATE INDEX errands_agent ON errands (agent, id);
CREATE INDEX errands_next ON errands (next_at, id);

CREATE TABLE errand_papers (
  id          VARCHAR(36) NOT NULL,
  errand_id   VARCHAR(36) NOT NULL,
  returns     VARCHAR(36) NOT NULL,
  name        BLOB        NOT NULL,
  form        VARCHAR(16) NOT NULL,
  count       INTEGER     NOT NULL,
  signer      BLOB        NOT NULL,
  signature   VARCHAR(16) NOT NULL,
  at          DATETIME    NOT NULL,
  recorded_by VARCHAR(36) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX errand_papers_errand ON errand_papers (errand_id, id);

CREATE TABLE errand_events (
  id          VARCHAR(36) NOT NULL,
  errand_id   VARCHAR(36) NOT NULL,
  version     INTEGER     NOT NULL,
  at          DATETIME    NOT NULL,
  act         VARCHAR(24) NOT NULL,
  from_status VARCHAR(24) NOT NULL,
  to_status   VARCHAR(24) NOT NULL,
  actor       VARCHAR(36) NOT NULL,
  role        VARCHAR(24) NOT NULL,
  text        BLOB        NULL,
  code        VARCHAR(32) NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX errand_events_errand ON errand_events (errand_id, version, id);
