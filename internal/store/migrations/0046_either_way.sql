-- What was asked under a key, in one form for both ways by which a clerk's phone may send it: by itself or queued. A keyed digest, empty
-- where there is only one way. A call that was made by itself stands among the queued acts too, in the place 0 of a line of its own.
ALTER TABLE idempotency ADD COLUMN content VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE offline_acts ADD COLUMN content VARCHAR(64) NOT NULL DEFAULT '';
