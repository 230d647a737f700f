-- Who has a case in hand (认领), in which post and since when; and where its clock ends as a value to sort by, the last of all
-- where none runs: in the form in which this engine's driver writes a moment.
ALTER TABLE cases ADD COLUMN holder VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN holder_post VARCHAR(36) NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN held_at DATETIME NULL;
ALTER TABLE cases ADD COLUMN urgent_at DATETIME GENERATED ALWAYS AS (COALESCE(late_at, '9999-12-31 00:00:00+00:00')) VIRTUAL;
CREATE INDEX cases_office_urgent ON cases (office, status, urgent_at, id);
