-- Who gave the county's number: what somebody typed in may be put right, and the county's own takes its place.
ALTER TABLE cases ADD COLUMN number_typed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE cases SET number_typed = TRUE WHERE county_number <> ''
  AND EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = cases.id AND e.act = 'county_number');
