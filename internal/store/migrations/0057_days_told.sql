-- The last days for a correction and for the delivery say too whether they are provisional, and the applicant is reminded of his own once. What is open is counted again by the next round.
ALTER TABLE cases ADD COLUMN correct_provisional BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE cases ADD COLUMN deliver_provisional BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE cases ADD COLUMN remind_at DATETIME NULL;
ALTER TABLE case_corrections ADD COLUMN reminded_at DATETIME NULL;
CREATE INDEX cases_remind ON cases (remind_at, id);
UPDATE cases SET counted_with = '' WHERE status IN ('correcting', 'granted', 'denied');
