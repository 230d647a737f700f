-- What was decided while it was taken up again, and which no round looked for.
UPDATE errands SET next_at = updated_at WHERE status = 'filed' AND next_at IS NULL
  AND EXISTS (SELECT 1 FROM cases c WHERE c.id = errands.case_id AND c.decided_at IS NOT NULL);
