-- How often the client of this session changed, and in which sitting (session/number, and the line of the phone's queue) the identity of who
-- entrusts was checked.
ALTER TABLE sessions ADD COLUMN sitting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE errands ADD COLUMN identity_sitting VARCHAR(128) NOT NULL DEFAULT '';
