-- The nightly comparison is done in parts: how far it came, what had no answer, and from where it asks on the next time.
ALTER TABLE case_reconciliations ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_reconciliations ADD COLUMN stage VARCHAR(8) NOT NULL DEFAULT 'over';
ALTER TABLE case_reconciliations ADD COLUMN upto VARCHAR(400) NOT NULL DEFAULT '';
ALTER TABLE case_reconciliations ADD COLUMN unlisted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE case_reconciliations ADD COLUMN asked_from VARCHAR(64) NOT NULL DEFAULT '';
