-- How far the county's count of a case includes what was done here: a pull includes all up to that version; an answer to a letter that was ahead includes not even the letter.
ALTER TABLE cases ADD COLUMN counted_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_handovers ADD COLUMN ahead BOOLEAN NOT NULL DEFAULT FALSE;
