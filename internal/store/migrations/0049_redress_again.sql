-- A redress that was reopened has one clock from then on. Ratings that were poor before there was any redress, and whose rater is known, are owed one.
ALTER TABLE redresses ADD COLUMN reopened_at DATETIME NULL;
ALTER TABLE ratings ADD COLUMN redress_owed BOOLEAN NULL;
CREATE INDEX ratings_owed ON ratings (redress_owed, id);
UPDATE ratings SET redress_owed = TRUE WHERE level >= 4 AND person <> '' AND id NOT IN (SELECT id FROM redresses);
