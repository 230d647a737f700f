-- How often offices gave cases back is counted by the year.
CREATE INDEX case_corrections_asked ON case_corrections (asked_at);
