-- Originals that were taken in and have not all gone back, whatever became of the errand; and which guardian entrusts for a child.
ALTER TABLE errands ADD COLUMN originals_held BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE errands ADD COLUMN guardian VARCHAR(36) NOT NULL DEFAULT '';
UPDATE errands SET originals_held = TRUE WHERE EXISTS (SELECT 1 FROM errand_papers p WHERE p.errand_id = errands.id AND p.returns = '' AND p.form = 'original'
  AND p.count > (SELECT COALESCE(SUM(o.count), 0) FROM errand_papers o WHERE o.errand_id = p.errand_id AND o.returns = p.id));
CREATE INDEX errands_county_held ON errands (county, originals_held, id);
CREATE INDEX errands_town_held ON errands (town, originals_held, id);
CREATE INDEX errands_village_held ON errands (village, originals_held, id);
-- What was decided while it was taken up again, and which no round looked for.
UPDATE errands SET next_at = updated_at WHERE status = 'filed' AND next_at IS NULL
  AND EXISTS (SELECT 1 FROM cases c WHERE c.id = errands.case_id AND c.decided_at IS NOT NULL);
